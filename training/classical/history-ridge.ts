import { z } from 'zod'
import type { Matrix } from '../backend/linear-algebra.ts'
import type { Interactions } from '../datasets/interactions.ts'
import { factorCholesky, solveCholesky } from '../linear-algebra/cholesky.ts'
import { type HistoryEquationsOptions, historyNormalEquations } from './history-normal-equations.ts'

export interface HistoryRidgeOptions extends HistoryEquationsOptions {
  /** Ridge penalty, above 0, by the mean of the diagonal of XᵀX. */
  readonly l2: (meanDiagonal: number) => number
  /** Share of each history that training hides, in [0, 1). */
  readonly dropout: number
  /** Weight of every sequence read backwards, in [0, 1]. */
  readonly backward: number
  /** How much popular items are scored down, in [0, 1]. */
  readonly popularityDamping: number
}

/** The option `dropout` of everything that learns by ridge regression. */
export const dropoutOption = (share: number) =>
  z
    .number()
    .min(0)
    .max(0.9)
    .default(share)
    .describe('share of each history that training hides: a penalty that grows with the popularity of an item')

/**
 * Ridge regression in closed form from what was had before to what came next, on every position of every sequence:
 * B = (XᵀX + l2·I + p/(1−p)·diag(XᵀX))⁻¹·XᵀY, each column divided by (n_j + 1)^damping, with X and Y as in `historyNormalEquations`.
 *
 * The ridge is Steck's (2019) turned from "together" to "next", as the linear transitions of Choi et al. 2021 (SLIST); the diagonal is
 * dropout in closed form (Steck 2020, eq. 5).
 *
 * @param counts `[items]`: n_j
 * @returns B, `[decays·items, items]`
 */
export async function fitHistoryRidge(
  interactions: Interactions,
  counts: Float32Array,
  options: HistoryRidgeOptions,
  signal: AbortSignal,
): Promise<Matrix> {
  signal.throwIfAborted()
  const liked = likedOnly(interactions)
  const { sequences, weightOfUser } = options.backward > 0 ? alsoBackward(liked, options.backward) : forward(liked)
  const { gram, target } = historyNormalEquations(sequences, options, weightOfUser)
  const hidden = options.dropout / (1 - options.dropout)
  let diagonal = 0
  for (let at = 0; at < gram.values.length; at += gram.rows + 1) diagonal += gram.values[at]!
  const l2 = options.l2(diagonal / gram.rows)
  for (let at = 0; at < gram.values.length; at += gram.rows + 1) gram.values[at]! += l2 + hidden * gram.values[at]!
  const weights = await solveCholesky(await factorCholesky(gram, signal), target, signal)
  dampPopular(weights, counts, options.popularityDamping)
  return weights
}

/** Bytes of a fit: XᵀX, half of it again as its factor, XᵀY and one product of its size. */
export const historyRidgeBytes = (
  { items, interactions }: { readonly items: number; readonly interactions: number },
  scales: number,
): number => items * items * (6 * scales ** 2 + 8 * scales) + 64 * interactions

/** The interactions that say liking: those of weight 0 or less are taken out of the sequences. */
function likedOnly(all: Interactions): Interactions {
  const { users, offsets, itemIndices, weights } = all
  if (weights === undefined) return all
  const liked = itemIndices.filter((_, at) => weights[at]! > 0)
  const likedOffsets = new Int32Array(users.length + 1)
  for (let user = 0; user < users.length; user++) {
    let count = 0
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) if (weights[at]! > 0) count++
    likedOffsets[user + 1] = likedOffsets[user]! + count
  }
  return { ...all, offsets: likedOffsets, itemIndices: liked }
}

interface WeighedSequences {
  readonly sequences: Interactions
  readonly weightOfUser: Float64Array
}

const forward = (sequences: Interactions): WeighedSequences => ({
  sequences,
  weightOfUser: new Float64Array(sequences.users.length).fill(1),
})

/** Every sequence once more, as of another user, the newest item first. */
function alsoBackward(all: Interactions, weight: number): WeighedSequences {
  const { users, offsets, itemIndices } = all
  const count = itemIndices.length
  const twice = new Int32Array(2 * count)
  twice.set(itemIndices)
  // The reverse of all sequences in one is the users in reverse order, each backwards.
  twice.set(itemIndices.toReversed(), count)
  const backOffsets = offsets.toReversed().map((offset) => 2 * count - offset)
  return {
    sequences: {
      ...all,
      users: [...users, ...users.toReversed()],
      offsets: Int32Array.from([...offsets, ...backOffsets.subarray(1)]),
      itemIndices: twice,
    },
    weightOfUser: Float64Array.from({ length: 2 * users.length }, (_, user) => (user < users.length ? 1 : weight)),
  }
}

function dampPopular({ rows, columns, values }: Matrix, counts: Float32Array, damping: number): void {
  const scale = Float64Array.from(counts, (count) => (Math.max(0, count) + 1) ** -damping)
  for (let row = 0; row < rows; row++) {
    for (let item = 0; item < columns; item++) values[row * columns + item]! *= scale[item]!
  }
}
