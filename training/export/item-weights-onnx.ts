import type { NeighbourLists } from '../classical/recommender.ts'
import type { ServingNetwork } from '../families/family.ts'
import { type CatalogueScores, exportCatalogueScores } from './catalogue-scores.ts'
import type { OnnxGraph, OnnxValue } from './onnx-graph.ts'

/** Weights of each item that are served: those after them change little, and each costs time in every answer. */
export const servedWeights = 200

/** The type's number in onnx.proto. */
const onnxInt64 = 7

/** Items of a history that a model without order reads when it is served. */
const servedHistory = 200

/** Every place of a history counts alike. */
export const evenPlaces = (): Float32Array => new Float32Array(servedHistory).fill(1)

/** The k-th last place counts decay^(k−1), as far back as that is at least `least`. */
export function decayingPlaces(decay: number, least: number): Float32Array {
  const reach = decay === 1 ? servedHistory : 1 + Math.floor(Math.log(least) / Math.log(decay))
  const places = Math.max(1, Math.min(servedHistory, reach))
  return Float32Array.from({ length: places }, (_, place) => decay ** (places - 1 - place))
}

/** One matrix of item → item weights, and how much each place of a history counts in it. */
export interface ItemWeights {
  readonly weights: NeighbourLists
  /** `[historyLength]`, the newest item last. */
  readonly placeWeights: Float32Array
}

/**
 * A recommender that adds up rows of item weights, as ONNX: score(j) = Σ_part Σ_place placeWeight·W_part[item at place, j].
 *
 * `history` int32 [u, length] (−1 pads), `row` int32 [n], `item` int32 [n] → `score` float32 [n]; an item that no row names scores 0.
 *
 * @param parts at least one; the longest `placeWeights` decides how much of a history is read
 */
export const exportItemWeights = (parts: readonly ItemWeights[], itemCount: number): ServingNetwork =>
  exportCatalogueScores('item-weights', itemWeightScores(parts, itemCount), itemCount)

/** The same as a piece for another graph. */
export function itemWeightScores(parts: readonly ItemWeights[], itemCount: number): CatalogueScores {
  const historyLength = Math.max(...parts.map(({ placeWeights }) => placeWeights.length))
  return {
    historyLength,
    build: (graph, history) => buildScores(graph, history, parts, itemCount, historyLength),
    score(history, scores) {
      scores.fill(0)
      for (const { weights, placeWeights } of parts) {
        const skipped = placeWeights.length - history.length
        for (let place = Math.max(0, skipped); place < placeWeights.length; place++) {
          const from = history[place - skipped]! * weights.k
          for (let at = from; at < from + weights.k; at++) {
            if (weights.items[at]! >= 0) scores[weights.items[at]!]! += placeWeights[place]! * weights.scores[at]!
          }
        }
      }
    },
  }
}

/** Rows are gathered by history and scattered over the catalogue: only places that anybody has filled, as each costs time. */
function buildScores(
  graph: OnnxGraph,
  history: OnnxValue,
  parts: readonly ItemWeights[],
  itemCount: number,
  historyLength: number,
): OnnxValue {
  const int64 = (name: string, ...values: number[]): OnnxValue =>
    graph.constant(name, BigInt64Array.from(values, BigInt), [values.length])
  const [first, second, flat] = [int64('first', 0), int64('second', 1), int64('flat', 0, -1)]
  // Row `itemCount` of each table is empty: what pads a history, and what pads a list, counts there and is never read.
  const pad = graph.constant('pad', Int32Array.of(itemCount), [1])
  const isItem = graph.node('GreaterOrEqual', [history, graph.constant('zero', Int32Array.of(0), [1])])
  const rows = graph.node('Where', [isItem, history, pad])
  const people = graph.node('Slice', [graph.node('Shape', [history]), first, second])
  const width = graph.node('Concat', [people, int64('width', itemCount + 1)], { axis: 0 })
  let scores = graph.node('Expand', [graph.constant('nothing', Float32Array.of(0), [1]), width])
  const longest = longestHistory(graph, isItem, historyLength)
  for (const [i, { weights, placeWeights }] of parts.entries()) {
    const shape = [itemCount + 1, weights.k]
    const columns = graph.constant(`columns_${i}`, paddedItems(weights, itemCount), shape)
    const values = graph.constant(`values_${i}`, paddedScores(weights, itemCount), shape)
    const places = graph.constant(`places_${i}`, placeWeights, [placeWeights.length, 1])
    const filled = graph.node('Min', [longest, int64(`length_${i}`, placeWeights.length)])
    const [from, end] = [graph.node('Neg', [filled]), int64(`end_${i}`, Number.MAX_SAFE_INTEGER)]
    const read = graph.node('Slice', [rows, from, end, second])
    const targets = graph.node('Reshape', [graph.node('Gather', [columns, read], { axis: 0 }), flat])
    const weighted = graph.node('Mul', [
      graph.node('Gather', [values, read], { axis: 0 }),
      graph.node('Slice', [places, from, end, first]),
    ])
    const updates = graph.node('Reshape', [weighted, flat])
    scores = graph.node('ScatterElements', [scores, targets, updates], { axis: 1, reduction: 'add' })
  }
  return graph.node('Slice', [scores, first, int64('items', itemCount), second])
}

/** Places filled by the person who has most, 1 at least; int64 `[1]`. */
function longestHistory(graph: OnnxGraph, isItem: OnnxValue, historyLength: number): OnnxValue {
  const numbers = graph.constant(
    'numbers',
    Int32Array.from({ length: historyLength }, (_, place) => historyLength - place),
    [1, historyLength],
  )
  const filled = graph.node('Where', [isItem, numbers, graph.constant('one', Int32Array.of(1), [1])])
  const longest = graph.node('ReduceMax', [filled], { keepdims: 0 })
  return graph.node('Cast', [graph.node('Reshape', [longest, graph.constant('as_list', BigInt64Array.of(1n), [1])])], {
    to: onnxInt64,
  })
}

function paddedItems({ k, items }: NeighbourLists, itemCount: number): Int32Array {
  const padded = new Int32Array((itemCount + 1) * k).fill(itemCount)
  for (const [at, item] of items.entries()) if (item >= 0) padded[at] = item
  return padded
}

function paddedScores({ k, scores }: NeighbourLists, itemCount: number): Float32Array {
  const padded = new Float32Array((itemCount + 1) * k)
  padded.set(scores)
  return padded
}
