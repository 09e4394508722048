import { ageBands } from '../../features/marts/dim-user.ts'
import { choose, exponential, integer, normal, textList, uniform } from './draws.ts'
import { chronotypeShares, countries, countryField } from './rhythms.ts'
import { styles, topics } from './words.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Planted truth: tastes in latent topics. Each user has three favourite topics and one favourite style (see choices.ts for how they
 * draw), a chronotype, a level of activity, and a day on which they lose interest.
 *
 * Losing interest: the hazard per day is `lapse.dailyHazard` × the device's factor × the age band's factor, from the day of sign-up on.
 */
const lapse = {
  dailyHazard: 0.004,
  deviceFactors: { mobile: 1.8, desktop: 1, tv: 0.4, tablet: 1 },
  youngFactor: 1.5,
} as const

const devices = Object.keys(lapse.deviceFactors)
const deviceShares = [0.55, 0.25, 0.15, 0.05]
const ageShares = [0.06, 0.26, 0.28, 0.19, 0.12, 0.09]

/** Table `users`; the first three are people who stay, so that examples with `user-1` work in every world. */
export function usersSql(world: SampleWorld): string {
  const u = (name: string): string => uniform(world, `user/${name}`, 'user_id')
  const n = topics.length
  const factors = `[${Object.values(lapse.deviceFactors).join(', ')}][1 + device]`
  const hazard = `(${lapse.dailyHazard} * ${factors} * case when age_band < 2 then ${lapse.youngFactor} else 1 end)`
  return `
    create temp table users as
    with drawn as (
      select user_id,
        ${choose(
          u('country'),
          countries.map(({ share }) => share),
        )} as country,
        ${choose(u('chronotype'), chronotypeShares)} as chronotype,
        ${choose(u('age'), ageShares)} as age_band,
        ${choose(u('gender'), [0.48, 0.48, 0.04])} as gender,
        ${choose(u('device'), deviceShares)} as device,
        floor(${n} * power(${u('topic 1')}, 1.25))::bigint as topic_1,
        ${integer(world, 'user/topic 2', n - 1, 'user_id')} as step_2,
        ${integer(world, 'user/topic 3', n - 2, 'user_id')} as step_3,
        ${integer(world, 'user/style', styles.length, 'user_id')} as style,
        exp(${normal(world, 'user/activity', 'user_id')} * 0.7 - 1.0) as sessions_per_day,
        -- half of the audience was there before the first day
        case when ${u('early')} < 0.5 then -1 - ${integer(world, 'user/before', 300, 'user_id')}
          else ${integer(world, 'user/after', `${world.days * 0.6}`, 'user_id')} end as signup_day,
        ${integer(world, 'user/signup second', secondsPerDay, 'user_id')} as signup_second,
        ${exponential(world, 'user/lapse', 'user_id')} as patience,
        ${u('consent')} < 0.97 as consents,
        ${u('deleted')} as deleted
      from (select range as user_id from range(1, ${world.users + 1})) r)
    select user_id, country, chronotype, age_band, gender, device, style, sessions_per_day, signup_day, signup_second, topic_1,
      (topic_1 + 1 + step_2) % ${n} as topic_2,
      (topic_1 + 1 + (step_2 + 1 + step_3) % ${n - 1}) % ${n} as topic_3,
      case when user_id <= 3 then ${world.days * 10} else greatest(signup_day, 0) + patience / ${hazard} end as lapse_day,
      consents or user_id <= 3 as consents,
      -- one in a hundred has deleted the account, some days after the last visit
      case when user_id > 3 and deleted < 0.01 then ${world.days} * (0.7 + 30 * deleted) end as deleted_day
    from drawn;`
}

/** Fills dim_user. */
export function dimUserSql(world: SampleWorld): string {
  return `
    insert into dim_user (user_id, country, age_band, gender, device, signed_up_at, consent_personalization, deleted_at)
    select 'user-' || user_id, ${countryField('code', 'country')}, ${textList(ageBands)}[1 + age_band],
      ['female', 'male', 'other'][1 + gender], ${textList(devices)}[1 + device],
      make_timestamp((${world.start} + signup_day * ${secondsPerDay} + signup_second) * 1000000),
      consents,
      case when deleted_day is not null then make_timestamp((${world.start} + (deleted_day * ${secondsPerDay})::bigint) * 1000000) end
    from users order by user_id;`
}
