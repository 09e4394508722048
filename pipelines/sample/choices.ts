import { choose, integer, uniform } from './draws.ts'
import { trendSlots } from './drift.ts'
import { countries } from './rhythms.ts'
import { styles, topics } from './words.ts'
import { type SampleWorld, secondsPerDay } from './world.ts'

/**
 * Planted truth: what people watch.
 *
 * Taste: a topic is drawn from the user's first, second and third favourite, from what is trending that day (drift.ts), or from all
 * alike, with the shares below. Then either a style (the user's own in `ownStyle` of cases) or the user's country: a content of that
 * topic and style, or of that topic and country, with probability in proportion to its expected views of the day to the power of
 * `popularityExponent`.
 *
 * Next episode: with probability `next` a choice is not drawn, but is the episode after the one chosen before in the same session. If
 * that episode is not out yet, or the series has none, the choice falls away. So a successor is watched far more often after its
 * predecessor than otherwise, but most choices follow from taste.
 */
export const choice = {
  topicShares: { first: 0.5, second: 0.2, third: 0.1, trending: 0.08, any: 0.12 },
  ownStyle: 0.8,
  homeShare: 0.25,
  popularityExponent: 0.9,
  freshness: 0.3,
  freshDays: 4,
  next: 0.05,
} as const

const maxRun = 4

/** Contents are chosen from cells: topic × style, and behind these topic × country. */
const styleCell = (topic: string, style: string): string => `${topic} * ${styles.length} + ${style}`
const countryCell = (topic: string, country: string): string =>
  `${topics.length * styles.length} + ${topic} * ${countries.length} + ${country}`

/** Parts of equal weight that a cell's day is cut into, so that a draw finds its content by an equality and a short search. */
const buckets = 128

/**
 * Tables `cells(cell, day, total, width)` and `cell_buckets(cell, day, bucket, lower, upper, content_id)`: cumulated weights in
 * integers, each content in every bucket that it reaches into.
 */
export function cellsSql(): string {
  return `
    create temp table cell_contents as
    with weights as (
      select content_id, day, greatest(1, (1000 * power(standing, ${choice.popularityExponent})
        * (1 + ${choice.freshness} * exp(-age / ${choice.freshDays})))::bigint) as weight
      from content_days),
    members as (
      select ${styleCell('topic', 'style')} as cell, day, content_id, weight from weights join contents using (content_id)
      union all
      select ${countryCell('topic', 'country')}, day, content_id, weight from weights join contents using (content_id))
    select cell, day, content_id, weight,
      (sum(weight) over (partition by cell, day order by content_id rows unbounded preceding))::bigint as upper
    from members;
    create temp table cells as
    select cell, day, max(upper) as total, max(upper) // ${buckets} + 1 as width from cell_contents group by cell, day;
    create temp table cell_buckets as
    select cell, day, unnest(range((upper - weight) // width, (upper - 1) // width + 1)) as bucket, upper - weight as lower, upper,
      content_id
    from cell_contents join cells using (cell, day)
    order by day;
    drop table cell_contents;`
}

/**
 * Table `choices(user_id, day, position, moment, content_id)` of the sessions from one local day to another, each content once per user
 * and session; `moment` in seconds since the world's start.
 */
export function choicesSql(world: SampleWorld, fromDay: number, toDay: number): string {
  // A position in a session: how many steps ago the run of episodes began, from the draws of the positions before. No recursion.
  const follows = (position: string): string =>
    `${uniform(world, 'choice/next', 'user_id', 'day', position)} < ${choice.next}`
  const run = Array.from(
    { length: maxRun },
    (_, step) => `when not (position > ${step} and ${follows(`position - ${step}`)}) then ${step}`,
  )
  const anchor = ['user_id', 'day', 'anchor']
  const { first, second, third, trending, any } = choice.topicShares
  const taste = choose(uniform(world, 'choice/topic', ...anchor), [first, second, third, trending, any])
  const drawnStyle = `case when ${uniform(world, 'choice/own style', ...anchor)} < ${choice.ownStyle} then style
    else ${integer(world, 'choice/style', styles.length, ...anchor)} end`
  return `
    create or replace temp table choices as
    with positions as (
      select s.*, p.position, case ${run.join(' ')} else ${maxRun} end as step
      from sessions s join (select range as position from range(64)) p on p.position < s.length
      where s.day >= ${fromDay} and s.day < ${toDay}),
    tastes as (
      select *, position - step as anchor from positions),
    aims as (
      select user_id, day, position, step, anchor, start, country, style,
        [topic_1, topic_2, topic_3, t.topic, ${integer(world, 'choice/any', topics.length, ...anchor)}][1 + ${taste}] as topic
      from tastes s join trend_slots t using (day)
      where t.slot = ${integer(world, 'choice/trend', trendSlots, ...anchor)}),
    targets as (
      select a.*, c.cell, c.width, floor(c.total * ${uniform(world, 'choice/content', 'a.user_id', 'a.day', 'a.anchor')})::bigint as target
      from (
        select *, case when ${uniform(world, 'choice/home', ...anchor)} < ${choice.homeShare}
          then ${countryCell('topic', 'country')} else ${styleCell('topic', `(${drawnStyle})`)} end as aim
        from aims) a
      join cells c on c.cell = a.aim and c.day = a.day),
    anchored as (
      select t.user_id, t.day, t.position, t.step,
        t.start + t.position * 600 + ${integer(world, 'choice/second', 240, 't.user_id', 't.day', 't.position')} as moment, c.content_id
      from targets t join cell_buckets c
        on c.cell = t.cell and c.day = t.day and c.bucket = t.target // t.width and t.target >= c.lower and t.target < c.upper
      where c.day >= ${fromDay} and c.day < ${toDay}),
    runs as (
      -- a null finds nothing: content that is no episode is followed by none
      select a.*, c.creator_id, c.strand, case when a.step > 0 and c.in_series then c.episode + a.step end as wanted
      from anchored a join contents c using (content_id)),
    followed as (
      select r.user_id, r.day, r.position, r.moment, case when r.step = 0 then r.content_id else n.content_id end as content_id
      from runs r left join contents n on n.creator_id = r.creator_id and n.strand = r.strand and n.episode = r.wanted)
    select f.user_id, f.day, min(f.position) as position, min(f.moment) as moment, f.content_id
    from followed f join contents c using (content_id)
    where c.published <= f.moment and f.moment >= 0 and f.moment < ${world.days * secondsPerDay}
    group by f.user_id, f.day, f.content_id;`
}
