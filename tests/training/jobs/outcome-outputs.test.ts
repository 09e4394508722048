import { describe, expect, it } from 'vitest'
import { contentMoments } from '../../../training/datasets/content-moments.ts'
import { countedAlready, momentOfTarget, raiseToCounted } from '../../../training/jobs/counted-already.ts'
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
  const outputs = outcomeOutputs(values, all, at, counted)

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
    const plain = outcomeOutputs(values, all, before, countedAlready(names, before.table))
    expect([...plain.level]).toEqual([0, 1, 2])
    expect([...plain.growth]).toEqual([-1, -1, -1])
  })

  it('raises what is less than there is, and keeps what stands', () => {
    const rows = Int32Array.of(0, 3, 4)
    expect([...raiseToCounted([1, 1, 9], rows, counted, 0)]).toEqual([1, Math.log(10), 9])
    expect([...raiseToCounted([1, 1, 9], rows, counted, 1)]).toEqual([1, Math.log(10), Math.log(100)])
  })
})
