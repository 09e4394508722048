import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureView } from '../../../features/definitions/index.ts'
import type { ColumnType } from '../../../features/sources/mart-source.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'

interface Event {
  readonly user: number
  readonly content: number
  readonly type: string
  readonly at: number
  readonly completion: number | null
}

const day = 86_400
const start = Date.parse('2026-01-05T00:00:00Z') / 1000
const users = 6
const contents = 8
const types = ['view', 'view', 'view', 'like', 'comment', 'share', 'save', 'skip']

/** Events of a small linear congruential generator: the same on every run. */
function randomEvents(count: number): readonly Event[] {
  let state = 12345
  const next = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % n
  }
  return Array.from({ length: count }, () => {
    const type = types[next(types.length)]!
    return {
      user: next(users),
      content: next(contents),
      type,
      at: start + next(50) * day + next(day),
      completion: type === 'view' ? next(101) / 100 : null,
    }
  })
}

const events = randomEvents(400)
const creatorOf = (content: number): number => content % 3

/** What the view promises, computed the slow and plain way. */
function oracle(user: number, asOf: number): Record<string, number> {
  const before = events.filter((e) => e.user === user && e.at < asOf)
  const within = (days: number): Event[] => before.filter((e) => e.at >= asOf - days * day)
  const month = within(28)
  const positive = (e: Event): boolean =>
    ['like', 'comment', 'share', 'save'].includes(e.type) || (e.type === 'view' && e.completion! >= 0.7)
  const distinct = (values: readonly number[]): number => new Set(values).size
  const views = month.filter((e) => e.completion !== null)
  const last = Math.max(...before.map((e) => Math.floor(e.at / day)))
  const hour = (e: Event): number => Math.floor((e.at % day) / 3600)
  const share = (part: readonly Event[]): number => (month.length === 0 ? 0 : part.length / month.length)
  return {
    events_7d: within(7).length,
    events_28d: month.length,
    active_days_28d: distinct(month.map((e) => Math.floor(e.at / day))),
    positives_28d: month.filter(positive).length,
    skips_28d: month.filter((e) => e.type === 'skip').length,
    mean_completion_28d: views.length === 0 ? 0 : views.reduce((sum, e) => sum + e.completion!, 0) / views.length,
    distinct_contents_28d: distinct(month.map((e) => e.content)),
    distinct_creators_28d: distinct(month.map((e) => creatorOf(e.content))),
    evening_share_28d: share(month.filter((e) => hour(e) >= 18)),
    night_share_28d: share(month.filter((e) => hour(e) < 6)),
    recency_days: asOf / day - last,
  }
}

describe('user_activity', () => {
  let world: FeatureWorld
  beforeAll(async () => {
    const time = new Date(start * 1000)
    world = await createFeatureWorld({
      dim_user: Array.from({ length: users }, (_, i) => [`u${i}`, 'IN', null, null, null, time, true, null]),
      dim_creator: [0, 1, 2].map((i) => [`k${i}`, 'youtube', null, null, null, null, null]),
      dim_content: Array.from({ length: contents }, (_, i) => [
        ...[`c${i}`, 'youtube', `k${creatorOf(i)}`, null, null, null, null, null, null, time, null],
      ]),
      fct_interactions: events.map((e, i) => [
        ...[`e${i}`, `u${e.user}`, `c${e.content}`, 'youtube', e.type, new Date(e.at * 1000), null, e.completion, null],
      ]),
    })
  })
  afterAll(() => world.remove())

  it('random events, every day of ten weeks, gives what a plain count gives', async () => {
    const view = featureView('user_activity')
    const days = Array.from({ length: 70 }, (_, i) =>
      new Date((start + (i + 1) * day) * 1000).toISOString().slice(0, 10),
    )
    const columns: Record<string, ColumnType> = { as_of: 'int32', entity_id: 'string' }
    for (const field of view.fields) columns[field.name] = field.dtype === 'category' ? 'string' : 'float64'
    let compared = 0
    await world.source(async (source) => {
      for await (const batch of source.read(view.sqlForDays('duckdb', days), columns)) {
        for (let i = 0; i < batch.rowCount; i++) {
          const user = Number(String(batch.columns.entity_id![i]).slice(1))
          const asOf = Number(batch.columns.as_of![i]) * day
          const expected = oracle(user, asOf)
          if (!Number.isFinite(expected.recency_days)) expected.recency_days = 365
          for (const [name, value] of Object.entries(expected)) {
            expect(batch.columns[name]![i], `${name} of u${user} at day ${asOf / day}`).toBeCloseTo(value, 9)
            compared++
          }
        }
      }
    })
    expect(compared).toBe(70 * users * 11)
  })
})
