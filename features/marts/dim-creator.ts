import type { Mart } from './mart.ts'

export const dimCreator: Mart = {
  name: 'dim_creator',
  grain: 'creator × platform',
  description: 'Who publishes: a channel, an account, a studio. One person on two platforms is two rows.',
  key: ['creator_id', 'platform'],
  distKey: 'all',
  sortKey: ['creator_id'],
  columns: [
    { name: 'creator_id', type: 'id', nullable: false, description: 'Stable id of the creator' },
    { name: 'platform', type: 'category', nullable: false, description: 'Where they publish, e.g. youtube' },
    { name: 'name', type: 'text', nullable: true, description: 'Name as shown to the audience' },
    { name: 'category', type: 'category', nullable: true, description: 'Main subject, e.g. Music' },
    { name: 'country', type: 'category', nullable: true, description: 'ISO 3166-1 alpha-2, e.g. IN' },
    {
      name: 'subscriber_count',
      type: 'integer',
      nullable: true,
      min: 0,
      unit: 'subscribers',
      description: 'Subscribers or followers at the last load',
    },
    { name: 'joined_at', type: 'timestamp', nullable: true, description: 'When the account was opened' },
  ],
}
