import { erasedUsersSql } from '../../features/store/erased-user-snapshots.ts'

/**
 * Condition on a row with a `user_id`: nothing forbids to learn from this person; portable. By the rule of the feature store, so a person
 * without a row in dim_user counts as one who agreed: an event log without accounts has none.
 *
 * @param row alias of the table
 */
export const notErased = (row: string): string =>
  `not exists (select 1 from (${erasedUsersSql}) erased where erased.user_id = ${row}.user_id)`
