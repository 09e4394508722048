import { describe, expect, it } from 'vitest'
import { leaf, packTree } from '../../../training/estimators/boosting/tree.ts'
import { sequenceWeights, treeShares } from '../../../training/networks/tabular-trees.ts'

const aTree = packTree([leaf(1)])

describe('sequenceWeights', () => {
  it('leaves out a sequence without trees', () => {
    const some = [aTree]
    expect(sequenceWeights({ corrections: some, own: some })).toEqual({ corrections: 0.5, own: 0.5 })
    expect(sequenceWeights({ corrections: [], own: some })).toEqual({ corrections: 0, own: 1 })
    expect(sequenceWeights({ corrections: some, own: [] })).toEqual({ corrections: 1, own: 0 })
    expect(sequenceWeights({ corrections: [], own: [] })).toEqual({ corrections: 1, own: 0 })
  })
})

describe('treeShares', () => {
  const lesson = { kind: 'regression' as const, outputs: 1, valid: Int32Array.of(0, 1) }
  const shareOf = (actual: number[], network: number[], trees: number[], grown = [aTree]): number[] =>
    treeShares(
      Float32Array.from(network),
      [{ corrections: grown, own: [], mean: 0, values: Float64Array.from(trees) }],
      {
        ...lesson,
        train: { rows: lesson.valid, targets: Float32Array.from(actual) },
      },
    )

  it('takes half of each where validation hardly tells', () => {
    // Errors of 1 and −1: halves cancel them; of 1 and 1: every share is alike.
    expect(shareOf([0, 0], [1, 1], [-1, -1])).toEqual([0.5])
    expect(shareOf([0, 0], [1, 1], [1, 1])).toEqual([0.5])
  })

  it('of no trees is nothing', () => {
    expect(shareOf([1, 2], [3, 7], [1, 2], [])).toEqual([0])
  })

  it('takes more of what is clearly better, and skips what is not known', () => {
    expect(shareOf([1, 2], [1, 2], [3, 7])).toEqual([0.25])
    expect(shareOf([1, 2], [3, 7], [1, 2])).toEqual([0.75])
    expect(shareOf([1, Number.NaN], [1, 9], [3, 2])).toEqual([0.25])
  })
})
