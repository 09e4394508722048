import type { Mart } from './mart.ts'

export const fctSubscriptions: Mart = {
  name: 'fct_subscriptions',
  grain: 'subscription spell',
  description: 'From when to when one person followed one creator; a person who comes back has a second spell.',
  key: ['user_id', 'creator_id', 'started_at'],
  distKey: 'user_id',
  sortKey: ['started_at'],
  columns: [
    {
      name: 'user_id',
      type: 'id',
      nullable: false,
      references: { mart: 'dim_user', column: 'user_id', orphan: 'warning' },
      description: 'Who',
    },
    {
      name: 'creator_id',
      type: 'id',
      nullable: false,
      references: { mart: 'dim_creator', column: 'creator_id', orphan: 'error' },
      description: 'Followed whom',
    },
    { name: 'started_at', type: 'timestamp', nullable: false, description: 'First moment of the spell' },
    { name: 'ended_at', type: 'timestamp', nullable: true, description: 'Last moment; null while it lasts' },
  ],
}
