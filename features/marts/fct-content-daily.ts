import type { Mart, MartColumn } from './mart.ts'

const count = (name: string, unit: string, description: string): MartColumn => ({
  name,
  type: 'integer',
  nullable: true,
  min: 0,
  unit,
  description,
})

export const fctContentDaily: Mart = {
  name: 'fct_content_daily',
  grain: 'content × day',
  description:
    'What one content gained on one UTC day (increments, not totals). Null means that the source does not report the measure.',
  key: ['content_id', 'date'],
  distKey: 'content_id',
  sortKey: ['date', 'content_id'],
  columns: [
    {
      name: 'content_id',
      type: 'id',
      nullable: false,
      references: { mart: 'dim_content', column: 'content_id', orphan: 'error' },
      description: 'Which content',
    },
    { name: 'date', type: 'date', nullable: false, description: 'UTC day' },
    count('views', 'views', 'Views gained'),
    count('unique_viewers', 'people', 'Different people who viewed'),
    count('likes', 'likes', 'Likes gained'),
    count('comments', 'comments', 'Comments gained'),
    count('shares', 'shares', 'Shares gained'),
    count('saves', 'saves', 'Saves gained'),
    count('impressions', 'impressions', 'Times it was shown in a list'),
    count('clicks', 'clicks', 'Clicks on those'),
    { name: 'watch_seconds', type: 'real', nullable: true, min: 0, unit: 'seconds', description: 'Time watched' },
    {
      name: 'subscribers_gained',
      type: 'integer',
      nullable: true,
      unit: 'subscribers',
      description: 'Subscribers gained minus lost through it; may be negative',
    },
    { name: 'ad_revenue_usd', type: 'real', nullable: true, min: 0, unit: 'USD', description: 'Advertising revenue' },
    { name: 'sponsorship_usd', type: 'real', nullable: true, min: 0, unit: 'USD', description: 'Sponsorship revenue' },
  ],
}
