import type { Mart } from './mart.ts'

export const dimContent: Mart = {
  name: 'dim_content',
  grain: 'content',
  description: 'What is watched or read: a video, a post, a film.',
  key: ['content_id'],
  distKey: 'all',
  sortKey: ['published_at'],
  columns: [
    { name: 'content_id', type: 'id', nullable: false, description: 'Stable id of the content' },
    { name: 'platform', type: 'category', nullable: false, description: 'Where it was published, e.g. youtube' },
    {
      name: 'creator_id',
      type: 'id',
      nullable: true,
      references: { mart: 'dim_creator', column: 'creator_id', orphan: 'error' },
      description: 'Who made it; null where the source does not say',
    },
    { name: 'title', type: 'text', nullable: true, description: 'Title as published' },
    { name: 'description', type: 'text', nullable: true, description: 'Text under the title' },
    { name: 'tags', type: 'text', nullable: true, description: "Tags or hashtags, separated by '|', no '#'" },
    { name: 'category', type: 'category', nullable: true, description: 'Main subject, e.g. Music or Comedy' },
    { name: 'language', type: 'category', nullable: true, description: 'ISO 639-1, e.g. pt' },
    { name: 'duration_seconds', type: 'real', nullable: true, min: 0, unit: 'seconds', description: 'Length' },
    {
      name: 'published_at',
      type: 'timestamp',
      nullable: true,
      earliest: '1800-01-01',
      description: 'When it became public',
    },
    { name: 'updated_at', type: 'timestamp', nullable: true, description: 'Last change of this row at its source' },
  ],
}
