import { choice } from './choices.ts'
import { platforms } from './creators.ts'
import { normal, textList, uniform } from './draws.ts'
import { countries } from './rhythms.ts'
import type { SampleWorld } from './world.ts'

/**
 * Fills fct_audience_hourly from the same rhythms that make the sessions: `home` of a creator's audience is awake with the creator's
 * own country, the others with the mixture of all countries. The level is a fortieth of the subscribers.
 */
export function audienceSql(world: SampleWorld): string {
  const home = choice.homeShare
  const mixture = countries.map(({ share }, country) => `when ${country} then ${share}`).join(' ')
  const hourOfWeek = `(h.hour + 24 * ${(6 - (world.days % 7) + 7) % 7}) % 168`
  return `
    insert into fct_audience_hourly (creator_id, platform, hour_at, active_viewers)
    with everywhere as (
      select hour_of_week, sum(level * case country ${mixture} end) as level from country_week group by hour_of_week)
    select 'creator-' || creator_id, ${textList(platforms)}[1 + platform], make_timestamp((${world.start} + hour * 3600) * 1000000),
      floor(expected * exp(0.1 * ${normal(world, 'audience', 'creator_id', 'hour')}) + ${uniform(world, 'audience/rest', 'creator_id', 'hour')})::bigint
    from (
      select c.creator_id, c.platform, h.hour, c.subscribers / 40 * (${home} * w.level + ${1 - home} * e.level) * l.level as expected
      from creators c, (select range as hour from range(${world.days * 24})) h, country_week w, everywhere e, topic_days l
      where w.country = c.country and w.hour_of_week = ${hourOfWeek} and e.hour_of_week = w.hour_of_week
        and l.topic = c.topic and l.day = h.hour // 24
      order by h.hour, c.creator_id) sorted;`
}
