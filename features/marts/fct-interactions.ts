import type { Mart } from './mart.ts'

export const fctInteractions: Mart = {
  name: 'fct_interactions',
  grain: 'event',
  description: 'One person did one thing with one content. Read in the order (occurred_at, event_id).',
  key: ['event_id'],
  keyIsSurrogate: true,
  distKey: 'user_id',
  sortKey: ['occurred_at', 'user_id'],
  columns: [
    {
      name: 'event_id',
      type: 'id',
      nullable: false,
      description: 'Stable id; among events of the same moment its order is the order in which they happened',
    },
    {
      name: 'user_id',
      type: 'id',
      nullable: false,
      references: { mart: 'dim_user', column: 'user_id', orphan: 'warning' },
      description: 'Who',
    },
    {
      name: 'content_id',
      type: 'id',
      nullable: false,
      references: { mart: 'dim_content', column: 'content_id', orphan: 'error' },
      description: 'With what',
    },
    { name: 'platform', type: 'category', nullable: false, description: 'Where, e.g. youtube' },
    {
      name: 'event_type',
      type: 'category',
      nullable: false,
      oneOf: ['view', 'like', 'comment', 'share', 'save', 'skip', 'rating'],
      description: 'What they did',
    },
    { name: 'occurred_at', type: 'timestamp', nullable: false, description: 'When' },
    { name: 'watch_seconds', type: 'real', nullable: true, min: 0, unit: 'seconds', description: 'Time watched' },
    {
      name: 'completion',
      type: 'real',
      nullable: true,
      min: 0,
      max: 1,
      unit: 'share',
      description: 'Share of the length that was watched',
    },
    { name: 'value', type: 'real', nullable: true, description: 'For a rating: its stars; else null' },
  ],
}
