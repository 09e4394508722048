import { exponential, integer, uniform } from './draws.ts'
import { offsetSeconds, sessionHourSlots } from './rhythms.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/** Mean number of contents offered in a session, and the most there can be. */
const meanLength = 6.5
const maxLength = 16

/**
 * Planted truth: churn announces itself. In the `fadeDays` before a user's lapse day sessions become rarer, down to a tenth; after it
 * one in thirty is left.
 */
const fade = { fadeDays: 14, atLapse: 0.1, afterLapse: 0.03 } as const

/** Table `sessions(user_id, day, start, length, …)`: at most one per user and local day; `start` in seconds since the world's start. */
export function sessionsSql(world: SampleWorld): string {
  const ids = ['user_id', 'day']
  const weekend = `(day - ${world.days % 7} + 13) % 7 >= 5`
  const interest = `case when day >= lapse_day then ${fade.afterLapse}
    when day >= lapse_day - ${fade.fadeDays} then ${fade.atLapse} + ${1 - fade.atLapse} * (lapse_day - day) / ${fade.fadeDays} else 1 end`
  const chance = `(1 - exp(-sessions_per_day * case when ${weekend} then 1.25 else 0.9 end)) * (${interest})`
  return `
    create temp table sessions as
    with visits as (
      select u.*, d.range as day, ${weekend} as weekend
      from users u, (select range, range as day from range(${world.days})) d
      where d.range >= signup_day and d.range < coalesce(deleted_day, ${world.days})
        and ${uniform(world, 'session', ...ids)} < ${chance})
    select user_id, day, country, topic_1, topic_2, topic_3, style,
      day * ${secondsPerDay} + h.local_hour * 3600 + ${integer(world, 'session/second', 3600, ...ids)} - ${offsetSeconds('country')} as start,
      least(${maxLength}, 1 + floor(${meanLength - 0.5} * ${exponential(world, 'session/length', ...ids)}))::bigint as length
    from visits v join session_hours h on h.chronotype = v.chronotype and h.weekend = v.weekend
      and h.slot = ${integer(world, 'session/hour', sessionHourSlots, ...ids)};`
}
