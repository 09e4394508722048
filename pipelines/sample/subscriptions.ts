import { exponential, uniform } from './draws.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Planted truth: churn hazards.
 *
 * Who has watched two or more contents of a creator, one of them past its middle, subscribes with probability `subscribe`, a minute
 * after the first of these. The spell ends with hazard `dailyHazard · e^(−0.4 · quality)` per day; and some days (exponential, mean
 * `daysAfterLapse`) after the user has lost interest in everything (the hazards in users.ts: by device and age band), whichever comes
 * first. Sessions thin out in the two weeks before (sessions.ts).
 */
const churn = { subscribe: 0.5, dailyHazard: 0.004, perQuality: 0.4, daysAfterLapse: 5 } as const

/** Fills fct_subscriptions. */
export function subscriptionsSql(world: SampleWorld): string {
  const ids = ['user_id', 'creator_id']
  const end = world.days * secondsPerDay
  const ownEnd = `started + ${secondsPerDay} * ${exponential(world, 'churn/own', ...ids)} / (${churn.dailyHazard} * exp(-${churn.perQuality} * quality))`
  const lapseEnd = `${secondsPerDay} * (greatest(lapse_day, started / ${secondsPerDay}.0) + ${churn.daysAfterLapse} * ${exponential(world, 'churn/lapse', ...ids)})`
  return `
    insert into fct_subscriptions (user_id, creator_id, started_at, ended_at)
    with fans as (
      -- drawn before they are counted: that halves the groups
      select user_id, creator_id, min(moment) + 60 as started
      from (select v.user_id, c.creator_id, v.moment from views v join contents c using (content_id) where v.completion >= 0.5) v
      where ${uniform(world, 'subscribe', ...ids)} < ${churn.subscribe}
      group by user_id, creator_id
      having count(*) >= 2),
    spells as (
      select f.user_id, f.creator_id, started, floor(least(${ownEnd}, ${lapseEnd}))::bigint as ended
      from fans f join users using (user_id) join creators using (creator_id)
      where started < ${end})
    select 'user-' || user_id, 'creator-' || creator_id, make_timestamp((${world.start} + started) * 1000000),
      case when ended < ${end} then make_timestamp((${world.start} + ended) * 1000000) end
    from spells order by started, user_id, creator_id;`
}
