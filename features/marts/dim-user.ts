import type { Mart } from './mart.ts'

export const ageBands = ['under-18', '18-24', '25-34', '35-44', '45-54', '55+'] as const

export const dimUser: Mart = {
  name: 'dim_user',
  grain: 'audience member',
  description: 'Who watches, as far as they let us know.',
  key: ['user_id'],
  distKey: 'user_id',
  sortKey: ['user_id'],
  columns: [
    { name: 'user_id', type: 'id', nullable: false, description: 'Stable pseudonymous id' },
    { name: 'country', type: 'category', nullable: true, description: 'ISO 3166-1 alpha-2, e.g. IN' },
    { name: 'age_band', type: 'category', nullable: true, oneOf: ageBands, description: 'Age in years, as a band' },
    { name: 'gender', type: 'category', nullable: true, oneOf: ['female', 'male', 'other'], description: 'As stated' },
    { name: 'device', type: 'category', nullable: true, description: 'Main device, e.g. mobile' },
    { name: 'signed_up_at', type: 'timestamp', nullable: true, description: 'First sign-up' },
    {
      name: 'consent_personalization',
      type: 'boolean',
      nullable: false,
      description: 'Whether this person agreed to personal recommendations; without it they get the general list',
    },
    { name: 'deleted_at', type: 'timestamp', nullable: true, description: 'When the account was deleted, if it was' },
  ],
}
