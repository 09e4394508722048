import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import type { UserIndex } from '../datasets/interactions.ts'
import type { FittedRecommender } from '../families/family.ts'
import { nearestByCosine } from '../families/nearest-by-cosine.ts'

/**
 * How a factor model scores: score(u, i) = x_uᵀy_i + bias_i.
 *
 * @param items     Y, `[items, size]`
 * @param factorsOf x_u `[size]` of a user or of a history
 * @param biases    `[items]`; none when absent
 */
export function factorScores(
  items: Matrix,
  factorsOf: (user: UserIndex, history: Int32Array) => Float32Array,
  biases?: Float32Array,
): Pick<FittedRecommender, 'score' | 'similar'> & Required<Pick<FittedRecommender, 'scoreMany'>> {
  const size = items.columns
  return {
    score(user, history, scores) {
      const x = factorsOf(user, history)
      for (let item = 0; item < items.rows; item++) {
        let sum = 0
        for (let k = 0, at = item * size; k < size; k++) sum += x[k]! * items.values[at + k]!
        scores[item] = biases === undefined ? sum : sum + biases[item]!
      }
    },
    async scoreMany(users, histories, scores) {
      const factors = new Float32Array(users.length * size)
      for (const [i, user] of users.entries()) factors.set(factorsOf(user, histories[i]!), i * size)
      const x = { rows: users.length, columns: size, values: factors }
      await multiply(x, items, { transposeB: true, out: scores })
      if (biases === undefined) return
      for (let at = 0; at < scores.length; at++) scores[at]! += biases[at % biases.length]!
    },
    similar: (item, k) => nearestByCosine(items.values, size, item, k),
  }
}
