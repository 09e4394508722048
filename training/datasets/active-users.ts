import { AppError } from '../../errors.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { createRandom } from '../backend/random.ts'

/** People with an interaction of whom the feature store keeps features: they have a row in dim_user and agreed; portable. */
export const activeUsersSql = `select distinct i.user_id
from fct_interactions i
join dim_user u on u.user_id = i.user_id
where u.deleted_at is null and u.consent_personalization
order by i.user_id`

/** Moment of the last interaction, seconds since 1970, UTC; portable. */
export const lastInteractionSql =
  'select max(cast(extract(epoch from occurred_at) as double precision)) as at from fct_interactions'

/**
 * People with an interaction of whom features may be kept, a random sample of at most `maxUsers`, and the moment after the last interaction.
 *
 * @returns `userIds` ascending; `at` in seconds since 1970, UTC: the end of the last day
 * @throws AppError DATA_INSUFFICIENT when there are fewer than `minUsers`
 */
export async function readActiveUsers(
  source: MartSource,
  { minUsers, maxUsers }: { readonly minUsers: number; readonly maxUsers: number },
  seed: number,
): Promise<{ readonly userIds: readonly string[]; readonly at: number }> {
  const rows: string[] = []
  for await (const batch of source.read(activeUsersSql, { user_id: 'string' })) rows.push(...batch.columns.user_id)
  if (rows.length < minUsers) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      `${rows.length} users who agreed to personalisation (dim_user) have an interaction; expected at least ${minUsers} to find segments. Import more of fct_interactions and dim_user, or lower minUsers with --set.`,
    )
  }
  const last = await source.rows(lastInteractionSql)
  const order = Int32Array.from(rows, (_, i) => i)
  createRandom(seed).fork('users').shuffle(order)
  const chosen = order.subarray(0, maxUsers).sort()
  // The end of the last day: the snapshot that has seen everything.
  const at = (Math.floor(Number(last[0]?.at) / 86_400) + 1) * 86_400
  return { userIds: Array.from(chosen, (i) => rows[i]!), at }
}
