import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { SharedNegatives } from '../../../training/datasets/shared-negatives.ts'
import { allCandidates, CandidateDraw } from '../../../training/networks/candidate-draw.ts'

const counts = Float32Array.of(16, 4, 0, 0, ...new Float32Array(50))
const draw = (inBatch: number, sampled: number) =>
  new CandidateDraw(counts, new SharedNegatives(counts), inBatch, sampled)

/** Four positions of three people; the third position is padding. */
const batch = { targets: Int32Array.of(0, 1, 9, 0), sequences: Int32Array.of(5, 6, -1, 6) }

describe('CandidateDraw', () => {
  it('corrects by how often an item is expected from the batch and from the draw together', () => {
    const { candidates, offsets } = draw(10, 6).draw(batch, createRandom(1))
    // Item 0: 16/20 of 10 targets and 4/6 of 6 drawn, 12 in all; item 1: 4/20 of 10 and 2/6 of 6, 4 in all. The padding's row has all.
    const row = offsets!.subarray(2 * 16, 3 * 16)
    for (const [i, item] of candidates.entries()) expect(row[i]).toBeCloseTo(-Math.log(item === 0 ? 12 : 4), 5)
    expect(new Set(candidates)).toEqual(new Set([0, 1]))
  })

  it('a candidate that is the target says nothing, nor does a target of the same person', () => {
    const { candidates, offsets } = draw(12, 8).draw(batch, createRandom(2))
    const silent = (at: number, place: number): boolean => offsets![at * 20 + place]! < -1e8
    for (const [place, item] of candidates.entries()) {
      // Of the first twelve, item 1 is a target of person 6; item 0 one of person 5 or 6.
      const drawn = place >= 12
      expect(silent(0, place)).toBe(item === 0)
      if (drawn) expect(silent(1, place)).toBe(item === 1)
      if (drawn) expect(silent(3, place)).toBe(item === 0)
      if (!drawn && item === 1) expect(silent(3, place)).toBe(true)
    }
    const ofBoth = Array.from({ length: 12 }, (_, place) => place).filter((place) => candidates[place] === 0)
    // Person 5's item 0 speaks to person 6's first position, person 6's own does not.
    expect(new Set(ofBoth.map((place) => silent(1, place)))).toEqual(new Set([true, false]))
  })

  it('a second batch: nothing is left of the first', () => {
    const again = draw(12, 8)
    again.draw(batch, createRandom(2))
    const { candidates, offsets } = again.draw(batch, createRandom(3))
    const fresh = draw(12, 8).draw(batch, createRandom(3))
    expect(candidates).toEqual(fresh.candidates)
    expect(offsets).toEqual(fresh.offsets)
  })
})

describe('allCandidates', () => {
  it('items that nobody had are none; says where the targets are among the others', () => {
    const { count, draw: drawAll } = allCandidates(Float32Array.of(0, 3, 0, 2, 1))
    expect(count).toBe(3)
    const targets = Int32Array.of(3, 1, 4)
    expect(drawAll({ targets, sequences: Int32Array.of(0, 1, 2) }, createRandom(1))).toEqual({
      candidates: Int32Array.of(1, 3, 4),
      columns: Int32Array.of(1, 0, 2),
    })
  })
})
