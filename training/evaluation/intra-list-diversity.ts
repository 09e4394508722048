import type { ItemIndex } from '../datasets/interactions.ts'
import type { ItemPopularity } from './item-popularity.ts'

/**
 * How different the items of one list are from each other: the mean of 1 − cosine over its pairs (Ziegler et al. 2005; Castells, Hurley &
 * Vargas 2015, eq. 26.1).
 *
 * Two items are alike as far as the same users had them, cosine(i, j) = |U_i ∩ U_j| ÷ √(|U_i|·|U_j|): every data set has that, and figures
 * compare between them; titles and genres it does not have.
 *
 * @returns for a list, a number in [0, 1]: 1 when no two items share a user; NaN for fewer than two items
 */
export function intraListDiversity(popularity: ItemPopularity): (list: Int32Array) => number {
  // Lists of different users share many pairs: popular items above all, whose cosines take longest.
  const known = new Map<number, number>()
  const cosine = (a: ItemIndex, b: ItemIndex): number => {
    const key = Math.min(a, b) * popularity.counts.length + Math.max(a, b)
    const before = known.get(key)
    if (before !== undefined) return before
    const value = cosineOf(popularity.usersOf(a), popularity.usersOf(b))
    known.set(key, value)
    return value
  }
  return (list) => {
    let sum = 0
    for (let i = 1; i < list.length; i++) for (let j = 0; j < i; j++) sum += 1 - cosine(list[i]!, list[j]!)
    return sum / ((list.length * (list.length - 1)) / 2)
  }
}

/** @param a, b ascending, no repeats */
function cosineOf(a: Int32Array, b: Int32Array): number {
  let shared = 0
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const difference = a[i]! - b[j]!
    if (difference === 0) shared++
    if (difference <= 0) i++
    if (difference >= 0) j++
  }
  return shared === 0 ? 0 : shared / Math.sqrt(a.length * b.length)
}
