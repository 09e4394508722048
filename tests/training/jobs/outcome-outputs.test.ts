import { describe, expect, it } from 'vitest'
import { contentMoments } from '../../../training/datasets/content-moments.ts'
import { countedAlready, momentOfTarget, raiseToCounted } from '../../../training/jobs/counted-already.ts'
import { laddersOf } from '../../../training/jobs/ladders.ts'
import { outcomeOutputs } from '../../../training/jobs/outcome-outputs.ts'
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

  it('adds a growth for what is counted early and still open, the headline’s first', () => {
    expect(outputs.width).toBe(4)
    expect([...outputs.level]).toEqual([0, 2, 3])
    expect([...outputs.growth]).toEqual([1, -1, -1])
    // ln 100 − ln 10 and ln 200 − ln 100
    expect(outputs.scales[1]!.mean).toBeCloseTo((Math.log(10) + Math.log(2)) / 2, 6)
  })

  it('asks each output only about the rows that it answers for', () => {
    const learned = outputs.standardise(values)
    const known = (row: number): number[] =>
      [...learned.subarray(row * 4, (row + 1) * 4)].flatMap((value, o) => (Number.isNaN(value) ? [] : [o]))
    expect(known(0)).toEqual([0, 2, 3]) // before publication: levels
    expect(known(3)).toEqual([1, 3]) // with views: their growth, and the level of saves
    expect(known(5)).toEqual([0, 2, 3]) // after the first day, but nobody counted
  })

  it('goes back to the outcomes', () => {
    const rows = Int32Array.of(0, 4, 5)
    const learned = outputs.standardise(values)
    const output = Float32Array.from({ length: 3 * 4 }, (_, i) => learned[rows[Math.floor(i / 4)]! * 4 + (i % 4)]!)
    const [views, , saves] = outputs.inUnits(output, rows)
    for (const [i, content] of [0, 1, 2].entries()) {
      expect(views![i]).toBeCloseTo(values[0]![content]!, 5)
      expect(saves![i]).toBeCloseTo(values[2]![content]!, 5)
    }
  })

  it('foretells as before publication what was not counted itself', () => {
    const momentOf = momentOfTarget(counted, at)
    expect([0, 3, 5].map((row) => momentOf(0, row))).toEqual([0, 1, 0])
    // Nobody counts saves early: what else was counted tells of them.
    expect([0, 3, 5].map((row) => momentOf(2, row))).toEqual([0, 1, 1])
  })

  it('without early counts is one output for each target', () => {
    const before = contentMoments(drafts, { kind: 'none', reason: '' })
    const plain = outcomeOutputs(values, all, before, countedAlready(names, before.table), laddersOf(names))
    expect([...plain.level]).toEqual([0, 1, 2])
    expect([...plain.growth]).toEqual([-1, -1, -1])
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
    const outputs = outcomeOutputs(known, all, before, countedAlready(of, before.table), laddersOf(of))
    expect([...outputs.level]).toEqual([0, 0, 0])
    // biome-ignore format: a row per output
    expect([...outputs.steps!]).toEqual([
      0, 0, 0,
      0, 1, 1,
      0, 0, 1,
    ])
    expect(outputs.scales[1]!.mean).toBeCloseTo((2 * Math.log(2)) / 3, 6)
    // In the headline's standard deviations, so that its error counts as what it is.
    expect(outputs.scales[1]!.sd).toBe(outputs.scales[0]!.sd)
    const learned = outputs.standardise(known)
    expect(Number.isNaN(learned[2 * 3 + 2]!)).toBe(true)
    const back = outputs.inUnits(learned.slice(0, 6), Int32Array.of(0, 1))
    for (const [t, its] of back.entries())
      for (const [i, value] of its.entries()) expect(value).toBeCloseTo(known[t]![i]!, 5)
    // A step that would lead down is none.
    expect(outputs.inUnits(Float32Array.of(0, -99, -99), Int32Array.of(0)).map(([value]) => value)).toEqual(
      Array(3).fill(outputs.scales[0]!.mean),
    )
    const missed = outputs.missed([Float64Array.of(1), Float64Array.of(2), Float64Array.of(-4)], 2, false)
    expect(missed[0]).toBeCloseTo(-outputs.scales[0]!.sd, 6)
  })

  it('raises what is less than there is, and keeps what stands', () => {
    const rows = Int32Array.of(0, 3, 4)
    expect([...raiseToCounted([1, 1, 9], rows, counted, 0)]).toEqual([1, Math.log(10), 9])
    expect([...raiseToCounted([1, 1, 9], rows, counted, 1)]).toEqual([1, Math.log(10), Math.log(100)])
  })
})
