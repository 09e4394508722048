import type { Matrix } from '../backend/linear-algebra.ts'
import type { Interactions } from '../datasets/interactions.ts'
import { addTranspose } from '../linear-algebra/add-transpose.ts'
import { occurrencesByItem } from './item-users.ts'

/** Weights below this are left out of a decayed history. */
export const leastWeight = 1e-3

/** Steps after which a weight that starts at 1 and decays is below `leastWeight`; no more than the longest sequence has. */
function reachOf(decay: number, longest: number): number {
  if (decay === 0) return 1
  return decay === 1 ? longest : Math.min(longest, Math.ceil(Math.log(leastWeight) / Math.log(decay)))
}

export interface HistoryEquationsOptions {
  /** `[scales]`, each in [0, 1]: weight of the k-th last item of the history relative to the one after it; 1 forgets the order. */
  readonly decays: readonly number[]
  /** How much the m-th item ahead counts relative to the one before it, in [0, 1); 0 looks at the next one only. */
  readonly targetDecay: number
}

/**
 * The normal equations XᵀW·X and XᵀW·Y of "decayed history → what comes next", one row per position t of every sequence:
 * x_t = [Σ_{p < t} a_s^(t−1−p)·e(i_p)]_s and y_t = Σ_{m ≥ 0} γ^m·e(i_{t+m}).
 *
 * No row is ever written down. Two positions p ≤ q of one sequence meet in every row after q, and those rows' weights are a geometric
 * series: Σ_{t > q} a_s^(t−1−p)·a_r^(t−1−q) = a_s^(q−p)·(1 − (a_s·a_r)^(rows after q)) / (1 − a_s·a_r). So a pair costs one addition.
 *
 * @param weightOfUser `[users]`: how much the rows of each sequence count
 * @returns gram `[scales·items, scales·items]`, of which only the lower triangle is complete; target `[scales·items, items]`
 */
export function historyNormalEquations(
  interactions: Interactions,
  { decays, targetDecay }: HistoryEquationsOptions,
  weightOfUser: Float64Array,
): { gram: Matrix; target: Matrix } {
  const { offsets, itemIndices, items } = interactions
  const size = items.length
  const features = decays.length * size
  const gram = { rows: features, columns: features, values: new Float32Array(features * features) }
  const target = { rows: features, columns: size, values: new Float32Array(features * size) }
  const byItem = occurrencesByItem(interactions)
  const longest = offsets.reduce((most, offset, user) => Math.max(most, offset - (offsets[user - 1] ?? 0)), 0)
  const sums = new Float64Array(size)

  /** Σ over the places p of `item` and q ≥ p (q > p for a target) of weightOf(q − p)·following(rows after q), by item of q. */
  const sumPairs = (item: number, from: number, byDistance: Float64Array, byFollowing: Float64Array): void => {
    sums.fill(0)
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
      const user = byItem.users[at]!
      const weight = weightOfUser[user]!
      const place = byItem.positions[at]!
      const last = offsets[user + 1]! - 1
      const end = Math.min(last, place + byDistance.length - 1)
      for (let q = place + from; q <= end; q++) {
        sums[itemIndices[q]!]! += weight * byDistance[q - place]! * byFollowing[last - q]!
      }
    }
  }

  const always = new Float64Array(longest + 1).fill(1)
  const following = decays.map((a) => decays.map((b) => geometricSums(a * b, longest)))
  for (const [s, decay] of decays.entries()) {
    const distances = powers(decay, reachOf(decay, longest))
    // A pair p = q is halved: adding the transpose counts it twice.
    distances[0] = 0.5
    const ahead = targetWeights(decay, targetDecay, longest)
    for (let item = 0; item < size; item++) {
      for (const r of decays.keys()) {
        sumPairs(item, 0, distances, following[s]![r]!)
        gram.values.set(sums, (s * size + item) * features + r * size)
      }
      sumPairs(item, 1, ahead, always)
      target.values.set(sums, (s * size + item) * size)
    }
  }
  addTranspose(gram)
  return { gram, target }
}

const powers = (base: number, count: number): Float64Array =>
  Float64Array.from({ length: count + 1 }, (_, d) => base ** d)

/** Entry n is Σ_{k < n} ratio^k. */
function geometricSums(ratio: number, count: number): Float64Array {
  const sums = new Float64Array(count + 1)
  for (let n = 1; n <= count; n++) sums[n] = sums[n - 1]! + ratio ** (n - 1)
  return sums
}

/** Entry d ≥ 1: what the item d steps on counts for a place, Σ_{e = 1..d} decay^(e−1)·targetDecay^(d−e). */
function targetWeights(decay: number, targetDecay: number, longest: number): Float64Array {
  const reach = reachOf(Math.max(decay, targetDecay), longest)
  const weights = new Float64Array(reach + 1)
  for (let d = 1; d <= reach; d++) weights[d] = decay * weights[d - 1]! + targetDecay ** (d - 1)
  return weights
}
