import { describe, expect, it } from 'vitest'
import type { HourTable } from '../../../training/datasets/hour-posts.ts'
import { fitPostingTime } from '../../../training/estimators/posting-time.ts'
import { postingTimeMetrics } from '../../../training/jobs/posting-time-metrics.ts'

/** Creators who all post on Mondays at 8, 12, 16 and 20 o'clock, six times each, and earn 3, 2, 1 and 0 in ln(1 + views) there. */
function metricsOf(creatorCount: number) {
  const hours = [8, 12, 16, 20]
  const posts = Array.from({ length: 6 * creatorCount * hours.length }, (_, i) => ({
    hour: hours[i % hours.length]!,
    creator: Math.floor(i / hours.length) % creatorCount,
    outcome: 3 - (i % hours.length),
  }))
  const table: HourTable = {
    rowCount: posts.length,
    at: Float64Array.from(posts, (_, i) => i * 3600),
    hour: Int32Array.from(posts, ({ hour }) => hour),
    outcome: Float64Array.from(posts, ({ outcome }) => outcome),
    creator: Int32Array.from(posts, ({ creator }) => creator),
    creators: Array.from({ length: creatorCount }, (_, i) => ({
      creatorId: `creator-${i}`,
      platform: 'youtube',
      category: 'Music',
    })),
  }
  const rows = Int32Array.from(posts, (_, i) => i)
  const testAt = posts.length * (4 / 6)
  const [past, test] = [rows.filter((row) => row < testAt), rows.filter((row) => row >= testAt)]
  const settings = { neighbour: 0, otherDay: 0, strength: [5, 5, 5, 5] } as const
  return postingTimeMetrics({ table, past, test, fit: fitPostingTime(table, past, settings, undefined), seed: 1 })
}

describe('postingTimeMetrics', () => {
  it('of creators whose hours differ, compares the three best hours with the rest', () => {
    const lift = metricsOf(10).find(({ metric }) => metric === 'lift of the 3 best hours')
    // (3 + 2 + 1) / 3 − 0 = 2 in ln.
    expect(lift?.model.value).toBeCloseTo(Math.expm1(2), 10)
  })

  it('of nine creators, leaves the lift out: it would be an anecdote', () => {
    expect(metricsOf(9).map(({ metric }) => metric)).toEqual(['within-creator R²'])
  })
})
