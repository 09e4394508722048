import { describe, expect, it } from 'vitest'
import { fitPostingTime } from '../../../training/estimators/posting-time.ts'
import { jobRules, liftMetric, postingTimeMetrics } from '../../../training/jobs/posting-time-metrics.ts'
import { hourTableOf } from '../../support/hour-table.ts'

const hours = [8, 12, 16, 20]

/** Creators who all post on Mondays at 8, 12, 16 and 20 o'clock, eight times each, and earn 3, 2, 1 and 0 in ln(1 + views) there. */
function metricsOf(creatorCount: number, outcomeAt: (hour: number) => number = (hour) => 3 - hours.indexOf(hour)) {
  const table = hourTableOf(
    Array.from({ length: 8 * creatorCount * hours.length }, (_, i) => {
      const hour = hours[i % hours.length]!
      return { hour, creator: Math.floor(i / hours.length) % creatorCount, outcome: outcomeAt(hour) }
    }),
  )
  const rows = Int32Array.from(table.at, (_, i) => i)
  const [past, test] = [rows.filter((row) => row < rows.length / 2), rows.filter((row) => row >= rows.length / 2)]
  const settings = { neighbour: 0, otherDay: 0, otherKind: 0, strength: [5, 5, 5, 5] } as const
  const fit = fitPostingTime(table, past, settings, [])
  return postingTimeMetrics({ table, past, test, rules: jobRules, fit, seed: 1 })
}

describe('postingTimeMetrics', () => {
  it('of creators whose hours differ, compares the three best hours with the rest, beside rivals and a placebo', () => {
    const lift = metricsOf(10).find(({ metric }) => metric === liftMetric)!
    // (3 + 2 + 1) / 3 − 0 = 2 in ln; by every shuffle, three hours of four against the fourth.
    expect(lift.model.value).toBeCloseTo(Math.expm1(2), 10)
    expect(lift.baselines['fixed shrinkage']!.value).toBeCloseTo(Math.expm1(2), 10)
    expect(lift.baselines['permuted hours']!.value).toBeLessThan(lift.model.value / 2)
    // All hours are used alike, and alike is no recommendation.
    expect(Object.keys(lift.baselines)).not.toContain('every hour alike')
  })

  it('of nine creators, leaves the lift out: it would be an anecdote', () => {
    expect(metricsOf(9).map(({ metric }) => metric)).toEqual(['within-creator R²'])
  })

  it('of outcomes that never vary, explains nothing, no better than its baseline', () => {
    const [row, ...others] = metricsOf(10, () => 7)
    expect(others).toEqual([])
    expect(row.model.value).toBe(0)
    expect(row.baselines['every hour alike']!.value).toBe(0)
  })
})
