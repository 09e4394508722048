import { topics } from './words.ts'
import type { SampleWorld } from './world.ts'

/**
 * Planted truth: the popularity of topics drifts.
 *
 * topic_days.level = exp(amplitude · sin(2π · (day / period + phase))), with the phases spread evenly over the topics: while one is at
 * its height another is at its bottom. A content's daily views are multiplied by its topic's level of the day, and `trendingShare` of
 * what people watch is drawn by it.
 */
export const drift = { amplitude: 0.5, periodDays: 75 } as const

const slots = 256

/** Tables `topic_days(topic, day, level)` and `trend_slots(day, slot, topic)`: a draw u picks slot ⌊256·u⌋. */
export function driftSql(world: SampleWorld): string {
  const phase = `(topic * 5 % ${topics.length}) / ${topics.length}.0`
  return `
    create temp table topic_days as
      select topic, day, round(exp(${drift.amplitude} * sin(2 * pi() * (day / ${drift.periodDays}.0 + ${phase}))), 6) as level
      from (select range as topic from range(${topics.length})) t, (select range as day from range(${world.days})) d;
    create temp table trend_slots as
      with cumulated as (
        select day, topic, sum(level) over (partition by day order by topic) as upper,
          sum(level) over (partition by day) as total, level
        from topic_days)
      select s.day, s.slot, c.topic
      from (select d.range as day, t.range as slot from range(${world.days}) d, range(${slots}) t) s
      join cumulated c on c.day = s.day and (s.slot + 0.5) / ${slots} * c.total >= c.upper - c.level
        and (s.slot + 0.5) / ${slots} * c.total < c.upper;`
}

export const trendSlots = slots
