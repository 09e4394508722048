import type { Matrix } from '../backend/linear-algebra.ts'
import type { Random } from '../backend/random.ts'
import { knownItems } from './history-recommender.ts'
import { maskFrom } from './sequential-batches.ts'

/** The content of items as the candidate tower reads it. */
export interface TwoTowerContent {
  /** `[items, width]`, width above 0; zeros for an item of which nothing is known. */
  readonly numbers: Matrix
  /** `[items]`: 1 where something is known. */
  readonly isDescribed: Uint8Array
  /** A store from which each batch takes a stretch: 0 for an item that it knows by its content alone, else 1. */
  readonly keep: Float32Array
}

/** @param idDropout share of the described items that a batch knows by their content alone */
export const twoTowerContent = (numbers: Matrix, idDropout: number, random: Random): TwoTowerContent => ({
  numbers,
  isDescribed: knownItems(numbers.values, numbers.columns),
  keep: Float32Array.from({ length: 8 * numbers.rows }, () => (random.uniform() < idDropout ? 0 : 1)),
})

/** One decision for each item, to hold wherever it occurs in a batch: 0 where its content alone is known, else 1. */
export function drawKept({ numbers, isDescribed, keep }: TwoTowerContent, random: Random): (item: number) => number {
  const stretch = maskFrom(keep, numbers.rows, random)
  return (item) => (isDescribed[item] === 1 ? stretch[item]! : 1)
}
