import type { Mart } from './mart.ts'

export const fctComments: Mart = {
  name: 'fct_comments',
  grain: 'comment',
  description: 'What people wrote under a content.',
  key: ['comment_id'],
  keyIsSurrogate: true,
  distKey: 'content_id',
  sortKey: ['created_at'],
  columns: [
    { name: 'comment_id', type: 'id', nullable: false, description: 'Stable id' },
    {
      name: 'content_id',
      type: 'id',
      nullable: false,
      references: { mart: 'dim_content', column: 'content_id', orphan: 'error' },
      description: 'Under what',
    },
    {
      name: 'user_id',
      type: 'id',
      nullable: true,
      references: { mart: 'dim_user', column: 'user_id', orphan: 'warning' },
      description: 'By whom; null where the source hides it',
    },
    { name: 'body', type: 'text', nullable: false, description: 'The comment' },
    { name: 'like_count', type: 'integer', nullable: true, min: 0, unit: 'likes', description: 'Likes of the comment' },
    { name: 'created_at', type: 'timestamp', nullable: false, description: 'When' },
  ],
}
