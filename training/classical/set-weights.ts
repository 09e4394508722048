import { evenPlaces, exportItemWeights, servedWeights } from '../export/item-weights-onnx.ts'
import { strongestWeights } from '../export/strongest-weights.ts'
import type { FittedRecommender } from '../families/family.ts'
import { historyProducts } from './history-products.ts'
import { rankedItems } from './ranked-items.ts'

/**
 * A recommender that adds up the rows of a history, in whatever order it came: score(j) = Σ over the history of W[i, j], each item once. An
 * empty history gets the popularity.
 *
 * @param weights    `[items, items]` row-major
 * @param popularity `[items]`
 */
export function setWeights(name: string, weights: Float32Array, popularity: Float32Array): FittedRecommender {
  const size = popularity.length
  const row = (item: number): Float32Array => weights.subarray(item * size, (item + 1) * size)
  return {
    name,
    foldsIn: true,
    chosen: {},
    score(_user, history, scores) {
      if (history.length === 0) {
        scores.set(popularity)
        return
      }
      scores.fill(0)
      for (const item of new Set(history)) {
        const its = row(item)
        for (let j = 0; j < size; j++) scores[j]! += its[j]!
      }
    },
    scoreMany: (_users, histories, scores) =>
      historyProducts(
        histories,
        { rows: size, columns: size, values: weights },
        (history, counts) => {
          for (const item of history) counts[item] = 1
        },
        popularity,
        scores,
      ),
    similar(item, k) {
      const scores = row(item).slice()
      scores[item] = Number.NEGATIVE_INFINITY
      return rankedItems(scores, k)
    },
    save: () => ({ json: {}, arrays: { weights, popularity } }),
    serving: () =>
      exportItemWeights(
        [{ weights: strongestWeights(weights, size, servedWeights), placeWeights: evenPlaces() }],
        size,
      ),
    close: () => undefined,
  }
}
