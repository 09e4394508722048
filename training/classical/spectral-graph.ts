import { nthGreatest } from '../linear-algebra/nth-greatest.ts'
import { buildSparseMatrix, type SparseMatrix } from './sparse-matrix.ts'
import { transpose } from './user-item-matrix.ts'

/** The bipartite graph of users and items, with every edge divided by the square roots of its ends' degrees. */
export interface SpectralGraph {
  /** R̃ = D_U^(−½)·R·D_I^(−½), `[users, items]`. */
  readonly normalised: SparseMatrix
  /** `[items]`: Σ of the weights of each item's interactions. */
  readonly degrees: Float64Array
}

/** @param likes `[users, items]`; what is not positive says nothing of closeness and is left out */
export function spectralGraph(likes: SparseMatrix, itemCount: number): SpectralGraph {
  const { offsets, columns, values } = likes
  const users = offsets.length - 1
  const ofUser = new Float64Array(users)
  const degrees = new Float64Array(itemCount)
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const weight = Math.max(0, values[at]!)
      ofUser[user]! += weight
      degrees[columns[at]!]! += weight
    }
  }
  const normalised = new Float32Array(values.length)
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const weight = Math.max(0, values[at]!)
      if (weight > 0) normalised[at] = weight / Math.sqrt(ofUser[user]! * degrees[columns[at]!]!)
    }
  }
  return { normalised: { offsets, columns, values: normalised }, degrees }
}

/**
 * P̃ = R̃ᵀ·R̃ without its diagonal: how close two items are by the users that they share.
 *
 * @param most of each row only this many of the greatest are kept, of equal ones those of lower index
 * @returns `[items, items]`, columns ascending: whoever adds rows up walks through memory in one direction
 */
export function itemCloseness(normalised: SparseMatrix, itemCount: number, most: number): SparseMatrix {
  const byItem = transpose(normalised, itemCount)
  const ranked = new Float64Array(itemCount)
  return buildSparseMatrix(itemCount, (item, sums, touched) => {
    let found = 0
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
      const user = byItem.columns[at]!
      const weight = byItem.values[at]!
      if (weight === 0) continue
      for (let other = normalised.offsets[user]!; other < normalised.offsets[user + 1]!; other++) {
        const column = normalised.columns[other]!
        if (column === item || normalised.values[other] === 0) continue
        if (sums[column] === 0) touched[found++] = column
        sums[column]! += weight * normalised.values[other]!
      }
    }
    sortAscending(touched, found, sums)
    if (found <= most) return found
    for (let i = 0; i < found; i++) ranked[i] = sums[touched[i]!]!
    const least = nthGreatest(ranked, found, most)
    let kept = 0
    for (let i = 0; i < found; i++) {
      const column = touched[i]!
      if (sums[column]! >= least && kept < most) touched[kept++] = column
      else sums[column] = 0
    }
    return kept
  })
}

/** A row that is not all too sparse is read off from its sums, which is faster than sorting. */
function sortAscending(touched: Int32Array, count: number, sums: Float64Array): void {
  if (count < sums.length / 32) {
    touched.subarray(0, count).sort()
    return
  }
  let at = 0
  for (let column = 0; at < count; column++) if (sums[column] !== 0) touched[at++] = column
}
