import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { drift } from '../../../pipelines/sample/drift.ts'
import { generateSample } from '../../../pipelines/sample/generate-sample.ts'
import { countries, countryWeek } from '../../../pipelines/sample/rhythms.ts'
import { commentWords, topics, trendingTags } from '../../../pipelines/sample/words.ts'
import { defaultDays, sampleWorld } from '../../../pipelines/sample/world.ts'
import { silentProgress } from '../../../progress.ts'

/** Each planted truth must be there for whoever looks into the marts, by a simple query. */
let folder: string
let marts: DuckDbDatabase

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sample-truths-'))
  const options = { path: join(folder, 'warehouse.duckdb'), schema: 'marts', duckdb: { memoryMb: 1024, threads: 2 } }
  const signal = new AbortController().signal
  await generateSample(sampleWorld('small', 1), { ...options, progress: silentProgress, signal })
  marts = await DuckDbDatabase.open({ ...options, ...options.duckdb, readOnly: true })
})

afterAll(async () => {
  await marts?.close()
  await rm(folder, { recursive: true, force: true })
})

async function numbers(sql: string): Promise<Record<string, number>> {
  const [row] = await marts.rows(sql)
  return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)]))
}

/** The topic of a content is not a column, but its first tag is always one of the topic's own. */
const topicOf = `list_position(${sqlList(topics.map(({ tags }) => tags[0]!))}, split_part(tags, '|', 1)) - 1`

function sqlList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(', ')}]`
}

const seen = `(select user_id, content_id, min(occurred_at) as first_seen from fct_interactions
  where event_type in ('view', 'skip') group by user_id, content_id)`

describe('what people watch in the sample world', () => {
  it('follows their tastes: two contents of one user share a topic far more often than two of different users', async () => {
    const { same, chance } = await numbers(`
      with counts as (select user_id, ${topicOf} as topic, count(*)::double as n from ${seen} join dim_content using (content_id) group by all),
      users as (select user_id, sum(n * (n - 1)) as pairs, sum(n) * (sum(n) - 1) as all_pairs from counts group by user_id),
      overall as (select topic, sum(n) / sum(sum(n)) over () as share from counts group by topic)
      select (select sum(pairs) / sum(all_pairs) from users) as same, (select sum(share * share) from overall) as chance`)
    // shares .45 .22 .10 of favourites, .13 trending and .10 any over 12 topics: about .45² + .22² + .10² + … ≈ .27 against ≈ 1/12
    expect(chance).toBeLessThan(0.12)
    expect(same! / chance!).toBeGreaterThan(2)
  })

  it('follows series: the next episode comes next, the one before hardly ever', async () => {
    const { forward, backward } = await numbers(`
      with episodes as (
        select content_id, creator_id || regexp_extract(title, '\\((\\w+), episode', 1) as series,
          try_cast(regexp_extract(title, 'episode (\\d+)', 1) as integer) as episode from dim_content),
      steps as (
        select content_id, lead(content_id) over (partition by user_id order by occurred_at, event_id) as following
        from fct_interactions where event_type in ('view', 'skip'))
      select avg((a.series = b.series and b.episode = a.episode + 1)::int) as forward,
        avg((a.series = b.series and b.episode = a.episode - 1)::int) as backward
      from steps join episodes a using (content_id) join episodes b on b.content_id = steps.following`)
    expect(forward).toBeGreaterThan(0.01)
    expect(forward).toBeLessThan(0.2) // there, but taste decides most
    expect(forward! / backward!).toBeGreaterThan(4)
  })

  it('has a long tail that agrees with the platform-wide counts', async () => {
    const { top_share, agreement } = await numbers(`
      with totals as (
        select content_id, sum(views)::double as views, coalesce(max(n), 0) as events
        from fct_content_daily left join (select content_id, count(*) as n from ${seen} group by content_id) using (content_id)
        group by content_id),
      ranked as (select *, percent_rank() over (order by views desc) as place from totals)
      select sum(views) filter (place < 0.1) / sum(views) as top_share, corr(ln(1 + views), ln(1 + events)) as agreement from ranked`)
    expect(top_share).toBeGreaterThan(0.5)
    expect(agreement).toBeGreaterThan(0.55)
  })

  it('drifts: a topic’s views rise and fall with its planted level', async () => {
    const level = (day: string): string =>
      `${drift.amplitude} * sin(2 * pi() * (${day} / ${drift.periodDays}.0 + (topic * 5 % ${topics.length}) / ${topics.length}.0))`
    const { slope } = await numbers(`
      with daily as (
        select content_id, ${topicOf} as topic, date_diff('day', date '2026-08-03', date) as day, views::double as views
        from fct_content_daily join dim_content using (content_id)
        where date_diff('day', cast(published_at as date), date) >= 15)
      select regr_slope(ln(b.views / a.views), ${level('b.day')} - ${level('a.day')}) as slope
      from (select content_id, topic, day, views from daily) b
      join (select content_id, day, views from daily) a on a.content_id = b.content_id and a.day = b.day - 14
      where a.views >= 20 and b.views >= 20`)
    // old contents lose little by age, so that views follow exp(level): slope 1
    expect(slope).toBeGreaterThan(0.8)
    expect(slope).toBeLessThan(1.2)
  })
})

describe('creators of the sample world', () => {
  it('differ in quality: much of the variance of a week’s views lies between them, and subscribers tell', async () => {
    const { between, agreement } = await numbers(`
      with weeks as (
        select c.content_id, c.creator_id, ln(1 + sum(d.views)) as y from dim_content c join fct_content_daily d using (content_id)
        where d.date < cast(c.published_at as date) + 7 and c.published_at < timestamp '2026-10-25' group by all),
      means as (select creator_id, avg(y) as mean, count(*) as n from weeks group by creator_id)
      select 1 - sum(power(y - mean, 2)) / (var_pop(y) * count(*)) as between, corr(mean, ln(subscriber_count)) as agreement
      from weeks join means using (creator_id) join dim_creator using (creator_id)`)
    expect(between).toBeGreaterThan(0.4)
    expect(agreement).toBeGreaterThan(0.6)
  })

  it('go viral with early signs: contents shared much on their first day pass the creator’s usual week far more often', async () => {
    const { early, others } = await numbers(`
      with contents as (
        select c.content_id, c.creator_id, sum(d.views)::double as week,
          sum(case when d.date <= cast(c.published_at as date) + 1 then d.shares end)::double
            / greatest(1, sum(case when d.date <= cast(c.published_at as date) + 1 then d.views end)) as share_rate
        from dim_content c join fct_content_daily d using (content_id)
        where d.date < cast(c.published_at as date) + 7 and c.published_at < timestamp '2026-10-25' group by all),
      judged as (
        select *, week > 2.5 * median(week) over (partition by creator_id) as viral,
          percent_rank() over (order by share_rate desc) < 0.15 as early from contents)
      select avg(viral::int) filter (early) as early, avg(viral::int) filter (not early) as others from judged`)
    expect(early! / others!).toBeGreaterThan(2)
  })
})

describe('rhythms of the sample world', () => {
  const byHourOfWeek = `cast(((extract(isodow from occurred_at) - 1) * 24 + extract(hour from occurred_at)) as integer)`

  it.each(countries.map(({ code, offsetHours }) => ({ code, offsetHours })))(
    'let $code watch by its own clock',
    async ({ code, offsetHours }) => {
      const rows = await marts.rows(`
        select ${byHourOfWeek} as hour, count(*) as n from fct_interactions join dim_user using (user_id)
        where country = '${code}' and event_type in ('view', 'skip') group by 1 order by 1`)
      const counts = Array.from({ length: 168 }, () => 0)
      for (const { hour, n } of rows) counts[Number(hour)] = Number(n)
      expect(correlation(counts, countryWeek(offsetHours))).toBeGreaterThan(0.8)
      expect(correlation(counts, countryWeek(offsetHours + 12))).toBeLessThan(0.3)
    },
  )

  it('show in fct_audience_hourly as in the interactions', async () => {
    const { agreement } = await numbers(`
      with watched as (select ${byHourOfWeek} as hour, count(*) as n from fct_interactions group by 1),
      awake as (select ${byHourOfWeek} as hour, sum(active_viewers) as n
        from (select hour_at as occurred_at, active_viewers from fct_audience_hourly) group by 1)
      select corr(watched.n, awake.n) as agreement from watched join awake using (hour)`)
    expect(agreement).toBeGreaterThan(0.8)
  })
})

describe('subscriptions of the sample world', () => {
  it('end sooner for people on phones than in front of televisions', async () => {
    const { mobile, tv } = await numbers(`
      with spells as (
        select device, ended_at is not null as ended,
          date_diff('second', started_at, coalesce(ended_at, timestamp '2026-11-01')) / 86400.0 as days
        from fct_subscriptions join dim_user using (user_id))
      select sum(ended::int) filter (device = 'mobile') / sum(days) filter (device = 'mobile') as mobile,
        sum(ended::int) filter (device = 'tv') / sum(days) filter (device = 'tv') as tv from spells`)
    // per day: 0.4 % own hazard for both, and lapse hazards of .4 % · 1.8 and .4 % · .4, half as much again for the young
    expect(mobile! / tv!).toBeGreaterThan(1.3)
    expect(mobile! / tv!).toBeLessThan(3)
  })

  it('announce their end: people who ended all of theirs had watched less and less', async () => {
    const { late, earlier } = await numbers(`
      with leavers as (
        select user_id, median(ended_at) as ended from fct_subscriptions
        group by user_id having count(*) >= 3 and count(*) = count(ended_at) and median(ended_at) > timestamp '2026-09-07')
      select count(*) filter (occurred_at >= ended - interval 14 days) as late,
        count(*) filter (occurred_at < ended - interval 14 days) as earlier
      from leavers join fct_interactions using (user_id)
      where occurred_at < ended and occurred_at >= ended - interval 28 days`)
    expect(earlier).toBeGreaterThan(100)
    expect(late! / earlier!).toBeLessThan(0.65)
  })
})

describe('comments of the sample world', () => {
  const starts = (words: readonly string[]): string =>
    `list_contains(${sqlList(words)}, regexp_extract(body, '^[^!?.]*'))`

  it('are worded by what the person thought of the content', async () => {
    const { pleased_positive, pleased_negative, annoyed_positive, annoyed_negative, unknown } = await numbers(`
      with said as (
        select body, v.completion from fct_comments c
        join fct_interactions v on v.user_id = c.user_id and v.content_id = c.content_id and v.event_type = 'view')
      select avg((${starts(commentWords.positive)})::int) filter (completion > 0.8) as pleased_positive,
        avg((${starts(commentWords.negative)})::int) filter (completion > 0.8) as pleased_negative,
        avg((${starts(commentWords.positive)})::int) filter (completion < 0.3) as annoyed_positive,
        avg((${starts(commentWords.negative)})::int) filter (completion < 0.3) as annoyed_negative,
        sum((not (${Object.values(commentWords).map(starts).join(' or ')}))::int) as unknown
      from said`)
    // completion .9: mood ~ N(1.6, .8²), above .6 in 89 %; completion .25: N(−1, .8²), above .6 in 2 %, below −.6 in 69 %
    expect(pleased_positive).toBeGreaterThan(0.75)
    expect(pleased_negative).toBeLessThan(0.05)
    expect(annoyed_positive).toBeLessThan(0.1)
    expect(annoyed_negative).toBeGreaterThan(0.5)
    expect(unknown).toBe(0)
  })
})

describe('hashtags of the sample world', () => {
  it('rise and fall: each is common around its day and rare two weeks away', async () => {
    const rows = await marts.rows(`
      with days as (select string_split(tags, '|') as tags, date_diff('hour', timestamp '2026-08-03', published_at) / 24.0 as day from dim_content)
      select number, avg(list_contains(tags, tag)::int) filter (abs(day - peak) < 4) as near,
        avg(list_contains(tags, tag)::int) filter (abs(day - peak) > 18) as far
      from days, (select range as number, ${sqlList(trendingTags)}[1 + range] as tag,
        (range + 0.5) / ${trendingTags.length} * ${defaultDays} as peak from range(${trendingTags.length})) h group by number`)
    expect(rows).toHaveLength(trendingTags.length)
    for (const { near, far } of rows) {
      // .6 · exp(−½ (t/5)²): on average .53 within four days, and at most .001 beyond eighteen
      expect(Number(near)).toBeGreaterThan(0.3)
      expect(Number(far)).toBeLessThan(0.01)
    }
  })
})

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number): number =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0)
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB))
}
