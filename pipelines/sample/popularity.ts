import { durationMedianSeconds } from './contents.ts'
import { normal, uniform } from './draws.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Planted truth: long-tailed popularity, and virality that shows early.
 *
 * log appeal = base + 1.0 · quality of the creator + 0.9 (the title asks) + 0.6 · log(level of the home country's rhythm an hour after
 *   publication) − 0.3 · (2 · log(duration / median of the platform))² + 0.35 · N(0, 1)
 * views expected up to age x (days) = appeal · [ e^(0.35 v) · F(x) + 0.6 · (e^v − 1) · G(x) ]
 *   F(x) = 0.5 · (1 − (1 + x)^−1.2) + 0.5 · (1 − e^(−x / 45))     a burst, and what is found later
 *   G(x) = 1 − (1 + x / 1.5) · e^(−x / 1.5)                        the wave that sharing makes, highest after a day and a half
 * times the topic's level of the day (drift.ts), times noise of 12 % a day.
 *
 * v is the content's virality: 0 for most; with probability 1 / (1 + e^(2.7 − 0.8 · asks − 1.0 · log level)) it is drawn from 1.2 to
 * 2.6. A viral content has e^(0.35 v) times the views on its first day and `earlyShareFactor` times the shares per view, days before
 * its wave peaks: models that see early signals can tell, models that see the draft only cannot tell much.
 */
export const popularityTruth = {
  base: 7.4,
  perQuality: 1.0,
  asks: 0.9,
  perLogRhythm: 0.6,
  ownNoise: 0.35,
  perSquaredDuration: 0.3,
  earlyShareFactor: 2.5,
} as const

/** Tables `appeals(content_id, appeal, virality)` and `content_days(content_id, day, age, standing, expected_views)`. */
export function popularitySql(world: SampleWorld): string {
  const truth = popularityTruth
  // The world ends at midnight from Saturday to Sunday, so that day d of `days` is weekday (d − days + 6) mod 7, Monday = 0.
  const hour = `floor(c.published / 3600)::bigint + 1`
  const hourOfWeek = `((${hour}) + 24 * ((6 - ${world.days} % 7 + 7) % 7)) % 168`
  return `
    create temp table appeals as
    select c.content_id,
      exp(${truth.base} + ${truth.perQuality} * c.quality + ${truth.asks} * c.asks::int + ${truth.perLogRhythm} * ln(w.level)
        - ${truth.perSquaredDuration} * power(2 * ln(c.duration / [${durationMedianSeconds.join(', ')}][1 + c.platform]), 2)
        + ${truth.ownNoise} * ${normal(world, 'appeal/noise', 'c.content_id')}) as appeal,
      case when ${uniform(world, 'appeal/viral', 'c.content_id')} < 1 / (1 + exp(2.7 - 0.8 * c.asks::int - ln(w.level)))
        then 1.2 + 1.4 * ${uniform(world, 'appeal/virality', 'c.content_id')} else 0 end as virality
    from contents c join country_week w on w.country = c.country and w.hour_of_week = ${hourOfWeek};

    create temp table content_days as
    with days as (
      select content_id, topic, d.range as day, published / ${secondsPerDay}.0 as born
      from contents c, range(${world.days}) d
      where d.range >= floor(c.published / ${secondsPerDay}.0)),
    ages as (
      select *, greatest(0, day - born) as age_0, day + 1 - born as age_1 from days)
    select content_id, day, age_1 as age, appeal * l.level as standing,
      appeal * l.level * exp(0.12 * ${normal(world, 'day/noise', 'content_id', 'day')}) * (
        exp(0.35 * virality) * (${spread('age_1')} - (${spread('age_0')}))
        + 0.6 * (exp(virality) - 1) * (${wave('age_1')} - (${wave('age_0')}))) as expected_views
    from ages join appeals using (content_id) join topic_days l using (topic, day);`
}

const spread = (age: string): string => `0.5 * (1 - power(1 + ${age}, -1.2)) + 0.5 * (1 - exp(-${age} / 45))`
const wave = (age: string): string => `1 - (1 + ${age} / 1.5) * exp(-${age} / 1.5)`
