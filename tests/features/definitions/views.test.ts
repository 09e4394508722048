import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { creatorPerformance } from '../../../features/definitions/creator-performance.ts'
import type { FeatureView } from '../../../features/definitions/feature-view.ts'
import { featureService, featureServices, featureView, featureViews } from '../../../features/definitions/index.ts'
import type { ColumnType, MartSource } from '../../../features/sources/mart-source.ts'
import { openMartSource } from '../../../features/sources/open-mart-source.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'
import { hostileIds } from '../../support/small-world.ts'

type Row = Record<string, string | number>

/** Rows of a view by entity id; at one moment, or at several days as `day id`. */
async function rowsOf(
  source: MartSource,
  view: FeatureView,
  moment: string | readonly string[],
): Promise<Map<string, Row>> {
  const columns: Record<string, ColumnType> = { entity_id: 'string' }
  for (const field of view.fields) columns[field.name] = field.dtype === 'category' ? 'string' : 'float64'
  const many = typeof moment !== 'string'
  const sql = many ? view.sqlForDays('duckdb', moment) : view.sql('duckdb')
  const parameters = many ? [] : [new Date(`${moment}Z`)]
  const found = new Map<string, Row>()
  for await (const batch of source.read(sql, many ? { as_of: 'int32', ...columns } : columns, parameters)) {
    for (let i = 0; i < batch.rowCount; i++) {
      const row: Row = Object.fromEntries(Object.keys(columns).map((name) => [name, batch.columns[name]![i]!]))
      const day = many ? `${new Date(Number(batch.columns.as_of![i]) * 864e5).toISOString().slice(0, 10)} ` : ''
      found.set(`${day}${row.entity_id}`, row)
    }
  }
  return found
}

describe('feature views', () => {
  let world: FeatureWorld
  let source: MartSource
  beforeAll(async () => {
    world = await createFeatureWorld()
    source = await openMartSource(world.config)
  })
  afterAll(async () => {
    await source.close()
    await world.remove()
  })

  it('user_activity, a person with a few events, counts them by hand', async () => {
    const row = (await rowsOf(source, featureView('user_activity'), '2026-03-10T00:00:00')).get('user-1')!
    // e1 view, e2 like, e4 view, e8 comment, e9 save; on the 1st, 4th, 8th and 9th. The last 7 days begin on the 3rd: e4, e8, e9.
    expect(row).toMatchObject({
      events_28d: 5,
      events_7d: 3,
      active_days_28d: 4,
      positives_28d: 3, // like, comment, save; the views were left at 50 % and 17 %
      positives_7d: 2,
      watch_seconds_28d: 130.25,
      watch_seconds_7d: 100.25,
      distinct_contents_28d: 3,
      distinct_creators_28d: 1,
      like_share_28d: 0.2,
      evening_share_28d: 0.2, // e9 at 18:00
      weekend_share_28d: 0.6, // the 1st and the 8th of March 2026 are Sundays: e1, e2, e8
      recency_days: 1,
      tenure_days: 9,
      country: 'IN',
    })
    expect(row.mean_completion_28d).toBeCloseTo((0.5 + 0.1669) / 2, 12)
  })

  it('user_activity, a person who is deleted or did not agree, has no row', async () => {
    const rows = await rowsOf(source, featureView('user_activity'), '2026-03-10T00:00:00')
    expect([...rows.keys()].sort()).toEqual([hostileIds.user, 'user-1', 'user-2'].sort())
  })

  it('user_visits, a person with four days, counts the gaps between them', async () => {
    const rows = await rowsOf(source, featureView('user_visits'), '2026-03-12T00:00:00')
    // The 1st, 4th, 8th and 9th: gaps of 3, 4 and 1 days, and 3 days of silence on the 12th.
    expect(rows.get('user-1')).toMatchObject({ active_days: 4, active_span_days: 8, longest_gap_days: 4 })
    expect(rows.get('user-1')!.mean_gap_days).toBeCloseTo(8 / 3, 12)
    expect(rows.get('user-1')!.silence_in_gaps).toBeCloseTo(3 / (8 / 3), 12)
    // On a single day, the 5th: there is no gap to compare with.
    expect(rows.get(hostileIds.user)).toMatchObject({
      active_days: 1,
      mean_gap_days: Number.NaN,
      silence_in_gaps: Number.NaN,
    })
    expect([...rows.keys()].sort()).toEqual([hostileIds.user, 'user-1', 'user-2'].sort())
  })

  it('user_subscriptions, one that lasts and one that ended, are told apart', async () => {
    const rows = await rowsOf(source, featureView('user_subscriptions'), '2026-03-10T00:00:00')
    expect(rows.get('user-1')).toMatchObject({ subscriptions: 1, subscribed_28d: 1, oldest_subscription_days: 9 })
    // From the 2nd to the 7th.
    expect(rows.get('user-2')).toMatchObject({ subscriptions: 0, unsubscribed_7d: 1, unsubscribed_28d: 1 })
    expect(rows.get('user-2')!.oldest_subscription_days).toBe(0)
    // 28 days after the end nothing is left to say.
    const later = await rowsOf(source, featureView('user_subscriptions'), '2026-04-05T00:00:00')
    expect(later.has('user-2')).toBe(false)
    expect(later.get('user-1')).toMatchObject({ subscriptions: 1, subscribed_28d: 0 })
  })

  it('creator_performance, a creator with two measured contents, averages what they earned in a week', async () => {
    const row = (await rowsOf(source, creatorPerformance, '2026-03-05T00:00:00')).get('creator-1')!
    // content-1 (1 March): 15 views, 2 likes, 1 comment; content-2 (3 March): 7 views, 1 like on the 4th. content-3 has no date.
    const views = [Math.log1p(7), Math.log1p(15)]
    const reactions = [Math.log1p(1), Math.log1p(3)]
    expect(row).toMatchObject({
      has_history: 1,
      measured_60: 2,
      posts_7d: 2,
      days_since_last_post: 2,
      platform: 'youtube',
    })
    expect(row.mean_log_views_60).toBeCloseTo((views[0]! + views[1]!) / 2, 12)
    expect(row.last_log_views).toBeCloseTo(views[0]!, 12)
    expect(row.best_log_views_60).toBeCloseTo(views[1]!, 12)
    expect(row.mean_log_reactions_20).toBeCloseTo((reactions[0]! + reactions[1]!) / 2, 12)
    // sd of two values = |a − b| / √2
    expect(row.sd_log_views_60).toBeCloseTo((views[1]! - views[0]!) / Math.SQRT2, 12)
    // content-1 is one content and two days older: √½ at a half-life of two contents, 2^(−2/14) at one of 14 days.
    const older = { contents: Math.SQRT1_2, days: 2 ** (-2 / 14) }
    expect(row.decayed_log_views_2).toBeCloseTo((views[0]! + older.contents * views[1]!) / (1 + older.contents), 12)
    expect(row.decayed_log_reactions_14d).toBeCloseTo(
      (reactions[0]! + older.days * reactions[1]!) / (1 + older.days),
      12,
    )
    expect(row.log_likes_per_view_20).toBeCloseTo((Math.log(2 / 8) + Math.log(3 / 16)) / 2, 12)
    expect(row.log_comments_per_like_20).toBeCloseTo((Math.log(1 / 2) + Math.log(2 / 3)) / 2, 12)
    expect(row.log_contents).toBeCloseTo(Math.log1p(2), 12)
    // user-1 and user-2 subscribed on the 1st and 2nd.
    expect(row.log_subscribers).toBeCloseTo(Math.log1p(2), 12)
  })

  it('creator_performance, a content younger than a day, is not part of the history yet', async () => {
    const row = (await rowsOf(source, creatorPerformance, '2026-03-04T00:00:00')).get('creator-1')!
    // content-2 is 12 hours old: only content-1 counts.
    expect(row).toMatchObject({ measured_60: 1, posts_7d: 2, sd_log_views_60: 0 })
    expect(row.mean_log_views_60).toBeCloseTo(Math.log1p(15), 12)
  })

  it('creator_performance, a creator whose first content is new, has no history and says so', async () => {
    const row = (await rowsOf(source, creatorPerformance, '2026-03-05T00:00:00')).get(hostileIds.creator)!
    expect(row).toMatchObject({ has_history: 0, mean_log_views_60: 0, decayed_log_views_14d: 0, posts_7d: 1 })
    expect(row.log_likes_per_view_20).toBeNaN()
  })

  it('content_popularity, a content that nobody touched, has no row', async () => {
    const rows = await rowsOf(source, featureView('content_popularity'), '2026-03-04T00:00:00')
    expect([...rows.keys()]).toEqual(['content-1'])
    expect(rows.get('content-1')!.log_views_28d).toBeCloseTo(Math.log1p(15), 12)
    expect(rows.get('content-1')!.click_rate_28d).toBeCloseTo(18 / 150, 12)
  })

  it('creator_revenue, as days pass, moves what was earned from the last week to the last weeks and to those before', async () => {
    const on = async (day: string) => {
      const its = (await rowsOf(source, featureView('creator_revenue'), `${day}T00:00:00`)).get('creator-1')
      return ['log_revenue_7d', 'log_revenue_28d', 'log_revenue_prior_28d'].map((name) =>
        Number(Math.expm1(Number(its?.[name])).toFixed(6)),
      )
    }
    // 50 cents on the 1st of March, 25 on the 2nd.
    expect(await on('2026-03-03')).toEqual([75, 75, 0])
    expect(await on('2026-03-09')).toEqual([25, 75, 0])
    expect(await on('2026-03-30')).toEqual([0, 25, 50])
    expect(await on('2026-04-27')).toEqual([0, 0, 25])
  })

  it('creator_revenue, advertising and sponsorship, adds them up by content', async () => {
    const rows = await rowsOf(source, featureView('creator_revenue'), '2026-03-10T00:00:00')
    // content-1: 15 views, 50 and 25 cents; content-2 has no revenue; the hostile content: 100 dollars of a sponsor
    expect(rows.get('creator-1')).toMatchObject({ earning_contents_90d: 1, sponsored_contents_90d: 0 })
    expect(rows.get('creator-1')!.log_ad_revenue_28d).toBeCloseTo(Math.log1p(75), 12)
    // 0.75 dollars for the 15 views of content-1 and the 7 of content-2
    expect(rows.get('creator-1')!.ad_revenue_per_mille_90d).toBeCloseTo((1000 * 0.75) / 22, 12)
    expect(rows.get(hostileIds.creator)).toMatchObject({ log_ad_revenue_90d: 0, sponsored_share_90d: 1 })
    expect(rows.get('creator-1')!.log_revenue_28d).toBeCloseTo(Math.log1p(75), 12)
    expect(rows.get(hostileIds.creator)!.log_sponsorship_90d).toBeCloseTo(Math.log1p(10_000), 12)
  })

  it('content_start, counts since publication, adds them up while a content is young', async () => {
    const rows = await rowsOf(source, featureView('content_start'), '2026-03-03T00:00:00')
    // content-1 is of the 1st: 15 views on the 1st and 2nd, 5 of them on the last day; the others come later, or have no date
    expect([...rows.keys()]).toEqual(['content-1'])
    expect(rows.get('content-1')).toMatchObject({
      age_days: 1,
      counted_days: 2,
      platform: 'youtube',
      category: 'Music',
    })
    expect(rows.get('content-1')!.log_views).toBeCloseTo(Math.log1p(15), 12)
    expect(rows.get('content-1')!.log_last_views).toBeCloseTo(Math.log1p(5), 12)
    const last = await rowsOf(source, featureView('content_start'), '2026-03-30T00:00:00')
    expect(last.get('content-1')).toMatchObject({ age_days: 28, counted_days: 2, log_last_views: 0 })
    const later = await rowsOf(source, featureView('content_start'), '2026-03-31T00:00:00')
    expect(later.has('content-1')).toBe(false)
    expect(later.get('content-2')).toMatchObject({ age_days: 27, counted_days: 1 })
  })

  const days = ['2026-03-02', '2026-03-04', '2026-03-05', '2026-03-08', '2026-03-10', '2026-04-20']
  it.each(featureViews)('$name, many days in one statement, gives the rows of each moment', async (view) => {
    const many = await rowsOf(source, view, days)
    const single = new Map<string, Row>()
    for (const day of days) {
      for (const [id, row] of await rowsOf(source, view, `${day}T00:00:00`)) single.set(`${day} ${id}`, row)
    }
    expect(many.size).toBeGreaterThan(0)
    expect(many).toEqual(single)
  })

  it.each(featureViews)('$name, rows of the moment’s day and later, change nothing', async (view) => {
    const past = await rowsOf(source, view, '2026-03-05T12:00:00')
    const cut = await createFeatureWorld()
    try {
      await cut.run(`
        delete from fct_interactions where occurred_at >= '2026-03-05';
        delete from fct_content_daily where date >= '2026-03-05';
        delete from fct_subscriptions where started_at >= '2026-03-05';
        update fct_subscriptions set ended_at = null where ended_at >= '2026-03-05';
        delete from dim_content where published_at >= '2026-03-05';`)
      expect(await cut.source((opened) => rowsOf(opened, view, '2026-03-05T12:00:00'))).toEqual(past)
    } finally {
      await cut.remove()
    }
  })
})

describe('feature services', () => {
  it('each name, looked up, is that service', () => {
    expect(featureServices.map((service) => service.name)).toEqual([
      'engagement',
      'virality',
      'revenue',
      'creator-revenue',
      'forecast',
      'churn',
      'segments',
      'ranking',
    ])
    expect(featureService('segments').fields.every(({ field }) => field.dtype === 'float32')).toBe(true)
  })

  it('an unknown name is refused with the names there are', () => {
    expect(() => featureService('nope')).toThrow(
      /engagement, virality, revenue, creator-revenue, forecast, churn, segments, ranking/,
    )
    expect(() => featureView('nope')).toThrow(/user_activity/)
  })

  it('field names within a service are unique', () => {
    for (const { fields } of featureServices.filter((service) => service.name !== 'ranking')) {
      expect(new Set(fields.map(({ field }) => field.name)).size).toBe(fields.length)
    }
  })
})
