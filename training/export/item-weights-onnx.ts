import type { NeighbourLists } from '../classical/recommender.ts'
import type { ServingNetwork } from '../families/family.ts'
import { OnnxGraph, type OnnxValue } from './onnx-graph.ts'

/** Weights of each item that are served: those after them change little, and each costs time in every answer. */
export const servedWeights = 200

/** Items of a history that a model without order reads when it is served. */
const servedHistory = 200

/** Every place of a history counts alike. */
export const evenPlaces = (): Float32Array => new Float32Array(servedHistory).fill(1)

/** The k-th last place counts decay^(k−1), as far back as that is at least `least`. */
export function decayingPlaces(decay: number, least: number): Float32Array {
  const places = Math.max(1, Math.min(servedHistory, 1 + Math.floor(Math.log(least) / Math.log(decay))))
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
export function exportItemWeights(parts: readonly ItemWeights[], itemCount: number): ServingNetwork {
  const historyLength = Math.max(...parts.map(({ placeWeights }) => placeWeights.length))
  const aligned = parts.map((part) => ({ ...part, placeWeights: atTheEnd(part.placeWeights, historyLength) }))
  return {
    onnx: buildGraph(aligned, itemCount, historyLength),
    historyLength,
    score: (_user, history, scores) => {
      scores.fill(0)
      for (const { weights, placeWeights } of aligned) {
        const skipped = historyLength - history.length
        for (let place = Math.max(0, skipped); place < historyLength; place++) {
          const from = history[place - skipped]! * weights.k
          for (let at = from; at < from + weights.k; at++) {
            if (weights.items[at]! >= 0) scores[weights.items[at]!]! += placeWeights[place]! * weights.scores[at]!
          }
        }
      }
    },
  }
}

/** Zeros for the places before. */
function atTheEnd(placeWeights: Float32Array, length: number): Float32Array {
  const all = new Float32Array(length)
  all.set(placeWeights, length - placeWeights.length)
  return all
}

function buildGraph(parts: readonly ItemWeights[], itemCount: number, historyLength: number): Uint8Array {
  const graph = new OnnxGraph('item-weights')
  const history = graph.input('history', 'int32', [-1, historyLength])
  const row = graph.input('row', 'int32', [-1])
  const item = graph.input('item', 'int32', [-1])
  const int64 = (name: string, ...values: number[]): OnnxValue =>
    graph.constant(name, BigInt64Array.from(values, BigInt), [values.length])
  // Row `itemCount` of each table is empty: what pads a history, and what pads a list, counts there and is never read.
  const pad = graph.constant('pad', Int32Array.of(itemCount), [1])
  const isItem = graph.node('GreaterOrEqual', [history, graph.constant('zero', Int32Array.of(0), [1])])
  const rows = graph.node('Where', [isItem, history, pad])
  const flat = int64('flat', 0, -1)
  const people = graph.node('Slice', [graph.node('Shape', [history]), int64('first', 0), int64('second', 1)])
  const width = graph.node('Concat', [people, int64('width', itemCount + 1)], { axis: 0 })
  let scores = graph.node('Expand', [graph.constant('nothing', Float32Array.of(0), [1]), width])
  for (const [i, { weights, placeWeights }] of parts.entries()) {
    const shape = [itemCount + 1, weights.k]
    const columns = graph.constant(`columns_${i}`, paddedItems(weights, itemCount), shape)
    const values = graph.constant(`values_${i}`, paddedScores(weights, itemCount), shape)
    const places = graph.constant(`places_${i}`, placeWeights, [historyLength, 1])
    const targets = graph.node('Reshape', [graph.node('Gather', [columns, rows], { axis: 0 }), flat])
    const weighted = graph.node('Mul', [graph.node('Gather', [values, rows], { axis: 0 }), places])
    const updates = graph.node('Reshape', [weighted, flat])
    scores = graph.node('ScatterElements', [scores, targets, updates], { axis: 1, reduction: 'add' })
  }
  const indices = graph.node('Add', [
    graph.node('Mul', [row, graph.constant('stride', Int32Array.of(itemCount + 1), [1])]),
    item,
  ])
  graph.output(
    'score',
    graph.node('Gather', [graph.node('Reshape', [scores, int64('all', -1)]), indices]),
    'float32',
    [-1],
  )
  return graph.build()
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
