import { describe, expect, it } from 'vitest'
import { contentMoments } from '../../../training/datasets/content-moments.ts'
import { countedAlready, momentOfTarget, raiseToCounted } from '../../../training/jobs/counted-already.ts'
import { laddersOf } from '../../../training/jobs/ladders.ts'
import { type OutputSums, outcomeOutputs } from '../../../training/jobs/outcome-outputs.ts'
import { inUnits, missedBy, sumMatrices } from '../../../training/jobs/output-sums.ts'
import { threeDrafts as drafts, firstViews as early } from '../../support/three-drafts.ts'

const names = ['views_7d', 'views_1d', 'saves_7d'] as const
/** Of 7 days 99, 199 and 299; of 1 day as counted; saves 1, 2, 3. */
const values = [
  [99, 199, 299],
  [9, 99, 50],
  [1, 2, 3],
].map((counts) => Float64Array.from(counts, Math.log1p))
const all = Int32Array.of(0, 1, 2)

describe('outcomeOutputs', () => {
  const at = contentMoments(drafts, early)
  const counted = countedAlready(names, at.table)
  const outputs = outcomeOutputs(values, all, at, counted, laddersOf(names))
  const plain = (sums: OutputSums) =>
    sums.map((terms) => terms.map(({ output, weight, step }) => [output, weight, ...(step ? ['step'] : [])]))

  it('adds a growth for what is counted early and still open, the headline’s first, and steps between days', () => {
    // Level and growth of the headline, levels of the others, and the step from the first day to the seventh.
    expect(outputs.width).toBe(5)
    expect(outputs.grows).toEqual([true, false, false])
    const [before, after] = outputs.sumsWith()
    expect(plain(before)).toEqual([[[0, 1]], [[2, 1]], [[3, 1]]])
    expect(plain(after)).toEqual([[[1, 1]], [[2, 1]], [[3, 1]]])
    // ln 100 − ln 10 and ln 200 − ln 100
    expect(outputs.scales[1]!.mean).toBeCloseTo((Math.log(10) + Math.log(2)) / 2, 6)
  })

  it('lets an earlier day go by its own output, by steps from the one that stands, or by something of both', () => {
    const [before] = outputs.sumsWith([
      [1, 0.25, 1],
      [1, 1, 1],
    ])
    expect(plain(before)[1]).toEqual([
      [2, 0.25],
      [0, 0.75],
      [4, -0.75, 'step'],
    ])
    const [steps] = outputs.sumsWith([
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect(plain(steps)).toEqual([
      [[0, 1]],
      [
        [0, 1],
        [4, -1, 'step'],
      ],
      [[3, 1]],
    ])
  })

  it('asks each output only about the rows that it answers for', () => {
    const learned = outputs.standardise(values)
    const known = (row: number): number[] =>
      [...learned.subarray(row * 5, (row + 1) * 5)].flatMap((value, o) => (Number.isNaN(value) ? [] : [o]))
    expect(known(0)).toEqual([0, 2, 3, 4]) // before publication: levels
    expect(known(3)).toEqual([1, 3, 4]) // with views: their growth, and the level of saves
    expect(known(5)).toEqual([0, 2, 3, 4]) // after the first day, but nobody counted
  })

  it('goes back to the outcomes, by whatever share', () => {
    const rows = Int32Array.of(0, 4, 5)
    const learned = outputs.standardise(values)
    const output = Float32Array.from({ length: 3 * 5 }, (_, i) => learned[rows[Math.floor(i / 5)]! * 5 + (i % 5)]!)
    for (const share of [1, 0, 0.3]) {
      const shares = [0, 1].map(() => [share, share, share])
      const back = inUnits(output, rows, { ...outputs, sums: outputs.sumsWith(shares) }, counted.logs)
      for (const [i, content] of [0, 1, 2].entries()) {
        expect(back[0]![i]).toBeCloseTo(values[0]![content]!, 5)
        // The first day of the second row is counted, and raised to that later.
        if (i !== 1) expect(back[1]![i]).toBeCloseTo(values[1]![content]!, 5)
        expect(back[2]![i]).toBeCloseTo(values[2]![content]!, 5)
      }
    }
  })

  it('foretells as before publication what was not counted itself', () => {
    const momentOf = momentOfTarget(counted, at)
    expect([0, 3, 5].map((row) => momentOf(0, row))).toEqual([0, 1, 0])
    // Nobody counts saves early: what else was counted tells of them.
    expect([0, 3, 5].map((row) => momentOf(2, row))).toEqual([0, 1, 1])
  })

  it('without early counts knows no growth', () => {
    const before = contentMoments(drafts, { kind: 'none', reason: '' })
    const outputs = outcomeOutputs(values, all, before, countedAlready(names, before.table), laddersOf(names))
    expect(outputs.grows).toEqual([false, false, false])
    const [sums, later] = outputs.sumsWith()
    expect(plain(sums)).toEqual([[[0, 1]], [[1, 1]], [[2, 1]]])
    expect(later).toEqual(sums)
  })

  it('learns of a later day what is gained since the day before it', () => {
    const of = ['views_7d', 'views_14d', 'views_28d'] as const
    const counts = [
      [9, 99, 299],
      [19, 99, 599],
      [39, 199, Number.NaN],
    ]
    const known = counts.map((its) => Float64Array.from(its, Math.log1p))
    const before = contentMoments(drafts, { kind: 'none', reason: '' })
    const counted = countedAlready(of, before.table)
    const outputs = outcomeOutputs(known, all, before, counted, laddersOf(of))
    const its = { ...outputs, sums: outputs.sumsWith() }
    // biome-ignore format: a row per output, and then per output above 0
    expect([...sumMatrices(its)[0]]).toEqual([
      1, 1, 1,
      0, 0, 0,
      0, 0, 0,

      0, 0, 0,
      0, 1, 1,
      0, 0, 1,
    ])
    expect(outputs.scales[1]!.mean).toBeCloseTo((2 * Math.log(2)) / 3, 6)
    // In the headline's standard deviations, so that its error counts as what it is.
    expect(outputs.scales[1]!.sd).toBe(outputs.scales[0]!.sd)
    const learned = outputs.standardise(known)
    expect(Number.isNaN(learned[2 * 3 + 2]!)).toBe(true)
    const back = inUnits(learned.slice(0, 6), Int32Array.of(0, 1), its, counted.logs)
    for (const [t, curve] of back.entries())
      for (const [i, value] of curve.entries()) expect(value).toBeCloseTo(known[t]![i]!, 5)
    // A step that would lead down is none.
    const down = inUnits(Float32Array.of(0, -99, -99), Int32Array.of(0), its, counted.logs)
    expect(down.map(([value]) => value)).toEqual(Array(3).fill(outputs.scales[0]!.mean))
    const residuals = [Float64Array.of(1), Float64Array.of(2), Float64Array.of(-4)]
    expect(missedBy(its.sums[0][2]!, residuals, outputs.scales)[0]).toBeCloseTo(-outputs.scales[0]!.sd, 6)
  })

  it('raises what is less than there is, and keeps what stands', () => {
    const rows = Int32Array.of(0, 3, 4)
    expect([...raiseToCounted([1, 1, 9], rows, counted, 0)]).toEqual([1, Math.log(10), 9])
    expect([...raiseToCounted([1, 1, 9], rows, counted, 1)]).toEqual([1, Math.log(10), Math.log(100)])
  })
})
