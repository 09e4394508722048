import type { Mart } from './mart.ts'

export const fctAudienceHourly: Mart = {
  name: 'fct_audience_hourly',
  grain: 'creator × platform × hour',
  description: "How many of a creator's audience were active in one UTC hour.",
  key: ['creator_id', 'platform', 'hour_at'],
  distKey: 'creator_id',
  sortKey: ['hour_at'],
  columns: [
    {
      name: 'creator_id',
      type: 'id',
      nullable: false,
      references: { mart: 'dim_creator', column: 'creator_id', orphan: 'error' },
      description: 'Whose audience',
    },
    { name: 'platform', type: 'category', nullable: false, description: 'Where, e.g. youtube' },
    { name: 'hour_at', type: 'timestamp', nullable: false, description: 'Start of the UTC hour' },
    { name: 'active_viewers', type: 'integer', nullable: false, min: 0, unit: 'people', description: 'People active' },
  ],
}
