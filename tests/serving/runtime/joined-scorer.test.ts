import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Scorer, Tensors } from '../../../models/scorer.ts'
import { joinedScorer } from '../../../serving/runtime/joined-scorer.ts'

/** Sums the columns of each row, and says of how many rows each run was; −1 in a row is refused. */
const runs: number[] = []
const sums: Scorer = {
  async score({ numeric }: Tensors) {
    const rows = numeric!.shape[0]!
    runs.push(rows)
    const width = numeric!.data.length / rows
    if (numeric!.data.includes(-1)) throw new Error(`-1 among ${rows}`)
    const values = numeric!.data as Float32Array
    const data = Float32Array.from({ length: rows }, (_, i) =>
      values.subarray(i * width, (i + 1) * width).reduce((a, b) => a + b, 0),
    )
    return { sum: { shape: [rows, 1], data } }
  },
  async close() {},
}
const table = (...rows: [number, number][]): Tensors => ({
  numeric: { shape: [rows.length, 2], data: Float32Array.from(rows.flat()) },
})

beforeEach(() => {
  runs.length = 0
})

describe('joinedScorer', () => {
  it('runs what is asked in one turn together, and gives each its own rows', async () => {
    const scorer = joinedScorer(sums, 10)
    const answers = await Promise.all([
      scorer.score(table([1, 2])),
      scorer.score(table([3, 4], [5, 6])),
      scorer.score(table([7, 8])),
    ])
    expect(runs).toEqual([4])
    expect(answers.map(({ sum }) => [sum!.shape, [...sum!.data]])).toEqual([
      [[1, 1], [3]],
      [
        [2, 1],
        [7, 11],
      ],
      [[1, 1], [15]],
    ])
  })

  it('waits for nobody', async () => {
    const scorer = joinedScorer(sums, 10)
    const first = scorer.score(table([1, 2]))
    await nextTurn()
    const second = scorer.score(table([3, 4]))
    expect([...(await first).sum!.data, ...(await second).sum!.data]).toEqual([3, 7])
    expect(runs).toEqual([1, 1])
  })

  it('keeps joint runs short', async () => {
    const scorer = joinedScorer(sums, 2)
    await Promise.all([1, 2, 3, 4, 5].map((n) => scorer.score(table([n, n]))))
    expect(runs).toEqual([2, 2, 1])
  })

  it('lets nobody pay for the mistake of another', async () => {
    const scorer = joinedScorer(sums, 10)
    const [good, bad] = await Promise.allSettled([scorer.score(table([1, 2])), scorer.score(table([-1, 4]))])
    expect(good).toMatchObject({ status: 'fulfilled', value: { sum: { shape: [1, 1] } } })
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: '-1 among 1' } })
  })
})
