import type { SparseMatrix } from './sparse-matrix.ts'

/** The bipartite graph of users and items, with every edge divided by the square roots of its ends' degrees. */
export interface SpectralGraph {
  /** R̃ = D_U^(−½)·R·D_I^(−½), `[users, items]`; values above 0. */
  readonly normalised: SparseMatrix
  /** `[items]`: Σ of the weights of each item's interactions. */
  readonly degrees: Float64Array
}

/** @param likes `[users, items]`; what is not positive says nothing of closeness and is left out */
export function spectralGraph(likes: SparseMatrix, itemCount: number): SpectralGraph {
  const users = likes.offsets.length - 1
  const ofUser = new Float64Array(users)
  const degrees = new Float64Array(itemCount)
  const offsets = new Int32Array(users + 1)
  const columns = new Int32Array(likes.columns.length)
  const values = new Float32Array(likes.columns.length)
  let filled = 0
  for (let user = 0; user < users; user++) {
    for (let at = likes.offsets[user]!; at < likes.offsets[user + 1]!; at++) {
      const weight = likes.values[at]!
      if (weight <= 0) continue
      ofUser[user]! += weight
      degrees[likes.columns[at]!]! += weight
      columns[filled] = likes.columns[at]!
      values[filled++] = weight
    }
    offsets[user + 1] = filled
  }
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      values[at]! /= Math.sqrt(ofUser[user]! * degrees[columns[at]!]!)
    }
  }
  return { normalised: { offsets, columns: columns.slice(0, filled), values: values.slice(0, filled) }, degrees }
}
