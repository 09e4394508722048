import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { creatorPerformance as view } from '../../../features/definitions/creator-performance.ts'
import type { ColumnType } from '../../../features/sources/mart-source.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'

const day = 86_400
const firstDay = Date.parse('2026-01-05T00:00:00Z') / 1000 / day
/** Enough contents that each creator has had more than 60 before the last moments, often several a day. */
const contents = 220
const lastDay = 50
const moments = Array.from({ length: lastDay }, (_, i) => firstDay + 2 + i)

interface Content {
  readonly creator: number
  /** Seconds since 1970. */
  readonly at: number
  /** What it gained on each of the days after its publication, 0 = that very day; null = no row. */
  readonly gained: readonly ({ readonly views: number; readonly likes: number; readonly comments: number } | null)[]
}

/** Contents of a small linear congruential generator: the same on every run, in the order of publication. */
function randomContents(): readonly Content[] {
  let state = 4711
  const next = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % n
  }
  const drawn = Array.from({ length: contents }, () => ({
    creator: next(8) < 5 ? 0 : next(2) + 1,
    at: (firstDay + next(lastDay)) * day + next(day),
    gained: Array.from({ length: 12 }, () =>
      next(3) === 0 ? null : { views: next(1000), likes: next(50), comments: next(9) },
    ),
  }))
  return drawn.sort((a, b) => a.at - b.at)
}

const world = randomContents()
const dayOf = (content: Content): number => Math.floor(content.at / day)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const sd = (values: readonly number[]): number =>
  values.length < 2
    ? 0
    : Math.sqrt((mean(values.map((v) => (v - mean(values)) ** 2)) * values.length) / (values.length - 1))

/** As SQL's percentile_cont: linear between the two nearest. */
function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = p * (sorted.length - 1)
  const low = sorted[Math.floor(place)]!
  return low + (sorted[Math.ceil(place)]! - low) * (place - Math.floor(place))
}

/** What the view promises, computed the slow and plain way. */
function oracle(creator: number, asOf: number): Record<string, number> {
  const posted = world.filter((content) => content.creator === creator && dayOf(content) < asOf)
  // The last 60 that are a whole day old; those without any row of their first seven days, so far, are not measured.
  const last = posted
    .filter((content) => dayOf(content) < asOf - 1)
    .slice(-60)
    .reverse()
  const known = (content: Content) =>
    content.gained.slice(0, 7).filter((gain, i) => gain !== null && dayOf(content) + i < asOf) as {
      views: number
      likes: number
      comments: number
    }[]
  const measured = last
    .map((content, i) => ({ rank: i + 1, days: asOf - dayOf(content), known: known(content) }))
    .filter((one) => one.known.length > 0)
  const log = (of: 'views' | 'reactions', most: number): number[] =>
    measured
      .filter(({ rank }) => rank <= most)
      .map((one) =>
        Math.log1p(one.known.reduce((sum, k) => sum + (of === 'views' ? k.views : k.likes + k.comments), 0)),
      )
  const total = (one: (typeof measured)[number], of: 'views' | 'likes' | 'comments'): number =>
    one.known.reduce((sum, k) => sum + k[of], 0)
  // From the oldest on: each content moves the mean towards itself, by what it weighs of all until then.
  const decayed = (of: 'views' | 'reactions', halfLife: number, age: 'rank' | 'days'): number => {
    let [at, weights, before] = [0, 0, Number.NaN]
    for (const one of [...measured].reverse()) {
      const value = Math.log1p(of === 'views' ? total(one, 'views') : total(one, 'likes') + total(one, 'comments'))
      weights = weights === 0 ? 1 : weights * 2 ** ((one[age] - before) / halfLife) + 1
      at += (value - at) / weights
      before = one[age]
    }
    return at
  }
  const ratio = (of: 'likes' | 'comments', per: 'views' | 'likes'): number => {
    const its = measured.filter((one) => one.rank <= 20 && total(one, per) > 0)
    return mean(its.map((one) => Math.log((1 + total(one, of)) / (1 + total(one, per)))))
  }
  const or0 = (value: number): number => (Number.isFinite(value) ? value : 0)
  const views = log('views', 60)
  const within = (days: number): number => posted.filter((content) => dayOf(content) >= asOf - days).length
  return {
    has_history: measured.length > 0 ? 1 : 0,
    measured_60: measured.length,
    log_contents: Math.log1p(posted.length),
    mean_log_views_5: or0(mean(log('views', 5))),
    mean_log_views_20: or0(mean(log('views', 20))),
    mean_log_views_60: or0(mean(views)),
    mean_log_reactions_60: or0(mean(log('reactions', 60))),
    last_log_reactions: log('reactions', 1)[0] ?? 0,
    sd_log_views_20: sd(log('views', 20)),
    sd_log_reactions_60: sd(log('reactions', 60)),
    median_log_views_60: views.length === 0 ? 0 : percentile(views, 0.5),
    p95_log_views_60: views.length === 0 ? 0 : percentile(views, 0.95),
    best_log_views_60: views.length === 0 ? 0 : Math.max(...views),
    worst_log_views_60: views.length === 0 ? 0 : Math.min(...views),
    trend_log_views: or0(mean(log('views', 5)) - mean(views)),
    decayed_log_views_2: decayed('views', 2, 'rank'),
    decayed_log_views_7: decayed('views', 7, 'rank'),
    decayed_log_views_14d: decayed('views', 14, 'days'),
    decayed_log_views_60d: decayed('views', 60, 'days'),
    decayed_log_reactions_2: decayed('reactions', 2, 'rank'),
    decayed_log_reactions_7: decayed('reactions', 7, 'rank'),
    decayed_log_reactions_14d: decayed('reactions', 14, 'days'),
    decayed_log_reactions_60d: decayed('reactions', 60, 'days'),
    log_likes_per_view_20: ratio('likes', 'views'),
    log_comments_per_view_20: ratio('comments', 'views'),
    log_comments_per_like_20: ratio('comments', 'likes'),
    posts_7d: within(7),
    posts_28d: within(28),
    days_since_last_post: asOf - dayOf(posted.at(-1)!),
    tenure_days: asOf - dayOf(posted[0]!),
  }
}

describe('creator_performance', () => {
  let store: FeatureWorld
  beforeAll(async () => {
    const date = (at: number): Date => new Date(at * 1000)
    store = await createFeatureWorld({
      dim_creator: [0, 1, 2].map((i) => [`k${i}`, 'youtube', null, null, null, null, null]),
      dim_content: world.map((content, i) => [
        ...[`c${i}`, 'youtube', `k${content.creator}`, null, null, null, null, null, null, date(content.at), null],
      ]),
      fct_content_daily: world.flatMap((content, i) =>
        content.gained.flatMap((gain, after) =>
          gain === null
            ? []
            : [
                [
                  ...[`c${i}`, date((dayOf(content) + after) * day), gain.views, null, gain.likes, gain.comments],
                  ...[null, null, null, null, null, null, null, null],
                ],
              ],
        ),
      ),
    })
  })
  afterAll(() => store.remove())

  it('more than 60 contents, several a day, at every moment of seven weeks, gives what a plain count gives', async () => {
    const columns: Record<string, ColumnType> = { as_of: 'int32', entity_id: 'string' }
    for (const field of view.fields) columns[field.name] = field.dtype === 'category' ? 'string' : 'float64'
    const days = moments.map((moment) => new Date(moment * day * 1000).toISOString().slice(0, 10))
    const seen: string[] = []
    await store.source(async (source) => {
      for await (const batch of source.read(view.sqlForDays('duckdb', days), columns)) {
        for (let i = 0; i < batch.rowCount; i++) {
          const creator = Number(String(batch.columns.entity_id![i]).slice(1))
          const asOf = Number(batch.columns.as_of![i])
          seen.push(`${creator} ${asOf}`)
          for (const [name, value] of Object.entries(oracle(creator, asOf))) {
            const its = expect(batch.columns[name]![i], `${name} of k${creator} at day ${asOf}`)
            if (Number.isNaN(value)) its.toBeNaN()
            else its.toBeCloseTo(value, 9)
          }
        }
      }
    })
    const expected = [0, 1, 2].flatMap((creator) =>
      moments
        .filter((asOf) => world.some((content) => content.creator === creator && dayOf(content) < asOf))
        .map((asOf) => `${creator} ${asOf}`),
    )
    expect(seen.sort()).toEqual(expected.sort())
    expect(oracle(0, moments.at(-1)!).log_contents).toBeGreaterThan(Math.log1p(100))
  })
})
