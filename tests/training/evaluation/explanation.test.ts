import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { levelEffects, numericEffects } from '../../../training/evaluation/accumulated-effects.ts'
import { auc } from '../../../training/evaluation/classification.ts'
import { mainColumn } from '../../../training/evaluation/main-column.ts'
import { permutationImportance } from '../../../training/evaluation/permutation-importance.ts'
import { rmse } from '../../../training/evaluation/regression.ts'
import type { ScorableRows } from '../../../training/evaluation/scorable-rows.ts'

/** Rows of `width` numeric columns and one categorical one (0 and 1 in turns), scored by a formula. */
function rowsOf(
  count: number,
  draw: (row: number) => readonly number[],
  formula: (x: Float32Array, category: number) => number,
): ScorableRows {
  const drawn = Array.from({ length: count }, (_, row) => draw(row))
  const width = drawn[0]!.length
  return {
    rowCount: count,
    numeric: Float32Array.from(drawn.flat()),
    categorical: Int32Array.from({ length: count }, (_, row) => row % 2),
    score: async (n, c) =>
      Float64Array.from({ length: c.length }, (_, i) => formula(n.subarray(i * width, (i + 1) * width), c[i]!)),
  }
}

describe('permutationImportance', () => {
  const random = createRandom(3)
  // prediction = 2·x + category; the third column is not read
  const rows = rowsOf(
    1500,
    () => {
      const x = random.normal()
      return [x, x, random.normal()]
    },
    ([a, b], category) => a! + b! + category,
  )
  const groups = [
    { label: 'unread', numeric: [2], categorical: [] },
    { label: 'category', numeric: [], categorical: [0] },
    { label: 'half of x', numeric: [0], categorical: [] },
    { label: 'x', numeric: [0, 1], categorical: [] },
  ]

  it('is what shuffling costs, by descending harm', async () => {
    const actual = await rows.score(rows.numeric, rows.categorical)
    const { metric, groups: judged } = await permutationImportance(rows, actual, groups, {
      statistic: rmse,
      higherIsBetter: false,
      random: createRandom(1),
    })
    expect(metric).toBe(0)
    expect(judged.map(({ label }) => label)).toEqual(['x', 'half of x', 'category', 'unread'])
    // E (2x − 2x′)² = 8 var x; of one half: 2 var x; of a fair coin: 2·¼
    expect(judged[0]!.harm.value).toBeCloseTo(Math.sqrt(8), 0)
    expect(judged[1]!.harm.value).toBeCloseTo(Math.sqrt(2), 1)
    expect(judged[2]!.harm.value).toBeCloseTo(Math.sqrt(0.5), 1)
    expect(judged[3]!.harm).toEqual({ value: 0, low: 0, high: 0 })
    for (const { harm, without } of judged) {
      expect(without).toBe(harm.value)
      expect(harm.low).toBeLessThanOrEqual(harm.value)
      expect(harm.high).toBeGreaterThanOrEqual(harm.value)
    }
  })

  it('turns a metric of which more is better', async () => {
    const actual = Float64Array.from({ length: rows.rowCount }, (_, row) => (rows.numeric[row * 3]! > 0 ? 1 : 0))
    const { metric, groups: judged } = await permutationImportance(rows, actual, groups, {
      statistic: auc,
      higherIsBetter: true,
      random: createRandom(1),
    })
    expect(metric).toBeGreaterThan(0.9)
    expect(judged[0]!.label).toBe('x')
    expect(judged[0]!.without).toBeCloseTo(0.5, 1)
    expect(judged[0]!.harm.value).toBeCloseTo(metric - judged[0]!.without, 10)
  })
})

describe('numericEffects', () => {
  it('follows the rows: x·z with z about x has the effect x²/2, where a partial dependence would be flat', async () => {
    const random = createRandom(5)
    const rows = rowsOf(
      8000,
      () => {
        const x = 2 * random.uniform() - 1
        return [x, x + 0.1 * random.normal()]
      },
      ([x, z]) => x! * z!,
    )
    const effects = (await numericEffects(rows, 0, [], createRandom(1)))!
    expect(effects.positions[0]).toBeCloseTo(-0.95, 1.7)
    // ∂f/∂x = z, E[z | x] = x; ∫ = x²/2, less its mean over x uniform on [−.95, .95]: .95²/6
    effects.positions.forEach((x, k) => {
      expect(effects.effect[k]!).toBeCloseTo(x ** 2 / 2 - 0.95 ** 2 / 6, 1.7)
    })
    expect(effects.rows.reduce((a, b) => a + b) / 8000).toBeCloseTo(0.95, 2)
  })

  it('takes the rest of a group along', async () => {
    const random = createRandom(6)
    const rows = rowsOf(
      4000,
      () => {
        const x = random.uniform()
        return [x, 2 * x, 1 - x]
      },
      ([x, twice, rest]) => x! + twice! + 5 * rest!,
    )
    const along = (await numericEffects(rows, 0, [1], createRandom(1)))!
    const slope = (effects: typeof along) =>
      (effects.effect.at(-1)! - effects.effect[0]!) / (effects.positions.at(-1)! - effects.positions[0]!)
    expect(slope(along)).toBeCloseTo(3, 1)
    expect(slope((await numericEffects(rows, 0, [], createRandom(1)))!)).toBeCloseTo(1, 5)
  })

  it('leaves rows without the value out, and puts equal values in one bin', async () => {
    const rows = rowsOf(
      100,
      (row) => [row < 20 ? Number.NaN : row < 90 ? 1 : 3],
      ([x]) => 10 * x!,
    )
    const effects = (await numericEffects(rows, 0, [], createRandom(1)))!
    expect(effects.positions).toEqual([1, 3])
    expect(effects.effect[1]! - effects.effect[0]!).toBeCloseTo(20, 10)
    expect(effects.rows).toEqual([40, 40])
  })

  it('has nothing to say of a column that does not vary', async () => {
    const rows = rowsOf(
      50,
      () => [7],
      ([x]) => x!,
    )
    expect(await numericEffects(rows, 0, [], createRandom(1))).toBeUndefined()
  })
})

describe('mainColumn', () => {
  const random = createRandom(7)
  const rows = rowsOf(
    400,
    (row) => {
      const x = random.normal()
      return [random.normal(), x, -x + 0.1 * random.normal(), Number(x > 0), row < 10 ? Number.NaN : random.normal()]
    },
    ([, x]) => x! ** 3,
  )

  it('is the one that predictions go with, and takes the others along where most are correlated with it', async () => {
    const prediction = await rows.score(rows.numeric, rows.categorical)
    expect(mainColumn(rows, [0, 1, 2, 3], prediction)).toEqual({ column: 1, along: [0, 2, 3] })
    expect(mainColumn(rows, [0, 1, 4], prediction)).toEqual({ column: 1, along: [] })
    expect(mainColumn(rows, [0, 3], prediction)).toEqual({ column: 0, along: [] })
    expect(mainColumn(rows, [3], prediction)).toEqual({ column: 3, along: [] })
  })
  it('is none where nothing varies', () => {
    expect(mainColumn(rows, [0], new Float64Array(400))).toBeUndefined()
  })
})

describe('levelEffects', () => {
  it('adds up the differences of neighbours, with the mean over the rows at 0', async () => {
    // levels 0, 1, 1, 3: score = level² whatever the row
    const effects = await levelEffects(
      4,
      [0, 1, 1, 3, -1],
      async (_, levels) => Float64Array.from(levels, (level) => level ** 2),
      createRandom(1),
    )
    expect(effects.rows).toEqual([1, 2, 0, 1])
    const middle = (0 + 1 + 1 + 9) / 4
    expect(effects.effect).toEqual([0, 1, 4, 9].map((value) => value - middle))
    expect(effects.low).toEqual(effects.effect)
  })
})
