import { AppError } from '../../errors.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { dayOf } from './day-sql.ts'
import { sampleIds } from './sample-ids.ts'

/** From when to when a person followed a creator. */
export interface Spell {
  /** Days since 1970. */
  readonly start: number
  /** Infinity while it lasts. */
  readonly end: number
}

/** When people were there; days are whole UTC days since 1970. */
export interface AudienceDays {
  readonly userIds: readonly string[]
  /** Days with an interaction, ascending; by person, never empty. */
  readonly days: readonly Int32Array[]
  /** Subscriptions, ascending by start; by person. */
  readonly spells: readonly (readonly Spell[])[]
  /** First day with an interaction of anyone. */
  readonly firstDay: number
  /** The day after the last one with an interaction: what happens from its midnight on is not known. */
  readonly endDay: number
}

/** As the feature store has it: people with a row in dim_user who agreed and are there. */
const keptUser = (row: string): string =>
  `join dim_user u on u.user_id = ${row}.user_id where u.deleted_at is null and u.consent_personalization`

/** Days on which people of whom features are kept did something; portable. */
export const audienceDaysSql = `select i.user_id, ${dayOf('i.occurred_at')} as day
from fct_interactions i
${keptUser('i')}
group by i.user_id, cast(i.occurred_at as date)
order by i.user_id, cast(i.occurred_at as date)`

/** Their subscriptions; portable. */
export const audienceSpellsSql = `select s.user_id, ${dayOf('s.started_at')} as start_day, ${dayOf('s.ended_at')} as end_day
from fct_subscriptions s
${keptUser('s')}
order by s.user_id, s.started_at`

/**
 * The days of everyone of whom features are kept, or of a random sample of `maxPeople`.
 *
 * @throws AppError DATA_INSUFFICIENT when nobody did anything
 */
export async function readAudienceDays(source: MartSource, maxPeople: number): Promise<AudienceDays> {
  const all = new Map<string, number[]>()
  let firstDay = Number.POSITIVE_INFINITY
  let lastDay = Number.NEGATIVE_INFINITY
  for await (const batch of source.read(audienceDaysSql, { user_id: 'string', day: 'float64' })) {
    for (let i = 0; i < batch.rowCount; i++) {
      const [id, day] = [batch.columns.user_id[i]!, batch.columns.day[i]!]
      const days = all.get(id)
      if (days === undefined) all.set(id, [day])
      else days.push(day)
      firstDay = Math.min(firstDay, day)
      lastDay = Math.max(lastDay, day)
    }
  }
  if (all.size === 0) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      'No user who agreed to personalisation (dim_user) has an interaction; expected some hundreds. Import fct_interactions and dim_user, or run `contentflow sample`.',
    )
  }
  const userIds = sampleIds([...all.keys()], maxPeople, 'people')
  const spells = await readSpells(source, new Set(userIds))
  return {
    userIds,
    days: userIds.map((id) => Int32Array.from(all.get(id)!)),
    spells: userIds.map((id) => spells.get(id) ?? []),
    firstDay,
    endDay: lastDay + 1,
  }
}

async function readSpells(source: MartSource, wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, Spell[]>> {
  const spells = new Map<string, Spell[]>()
  const columns = { user_id: 'string', start_day: 'float64', end_day: 'float64' } as const
  for await (const batch of source.read(audienceSpellsSql, columns)) {
    for (let i = 0; i < batch.rowCount; i++) {
      const id = batch.columns.user_id[i]!
      if (!wanted.has(id)) continue
      const end = batch.columns.end_day[i]!
      const spell = { start: batch.columns.start_day[i]!, end: Number.isNaN(end) ? Number.POSITIVE_INFINITY : end }
      const list = spells.get(id)
      if (list === undefined) spells.set(id, [spell])
      else list.push(spell)
    }
  }
  return spells
}
