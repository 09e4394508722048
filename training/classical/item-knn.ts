import { z } from 'zod'
import { KernelPool, type KernelRun, type Shared, threadsFor } from '../backend/parallel/kernel-pool.ts'
import type { Interactions } from '../datasets/interactions.ts'
import { evenPlaces, exportItemWeights, servedWeights } from '../export/item-weights-onnx.ts'
import type { FittedRecommender, RecommenderFamily } from '../families/family.ts'
import { invertNeighbours, truncateNeighbours } from './neighbour-lists.ts'
import type { NeighbourLists } from './recommender.ts'
import { addRow, neighbourLists, type SparseMatrix } from './sparse-matrix.ts'
import { transpose, userItemMatrix } from './user-item-matrix.ts'

const configSchema = z.object({
  k: z.number().int().min(1).default(20).describe('neighbours of each item that score'),
  shrinkage: z.number().min(0).default(0).describe('added to the cosine’s denominator: pairs of few users count less'),
  weighting: z
    .enum(['none', 'tf-idf'])
    .default('none')
    .describe('tf-idf: what users of long histories liked says less, by ln(items / (1 + their length))'),
})
type ItemKnnConfig = z.infer<typeof configSchema>
type ItemKnnOptions = Partial<ItemKnnConfig> & Pick<ItemKnnConfig, 'k'>

export interface ItemKnn extends FittedRecommender {
  /** The most similar items of each, by cosine; at most the greater of 50 and the k that scores are known. */
  neighbourLists(k: number): NeighbourLists
}

/** Neighbours kept for whoever asks for more than score. */
const leastKept = 50

/**
 * Items liked by the same users: cosine(i, j) = Σ_u w_ui·w_uj / (√(Σ_u w_ui²·Σ_u w_uj²) + shrinkage), the k nearest N(j) kept for each item;
 * score(j) = Σ over the history's items in N(j) of cosine(i, j) (Sarwar et al. 2001, eq. 2 without the norm).
 */
export const itemKnnFamily: RecommenderFamily<ItemKnnConfig> = {
  name: 'item-knn',
  description: 'Items liked by the same users, by cosine.',
  orderAware: false,
  config: configSchema,
  searchSpace: {
    k: { values: [5, 10, 20, 50, 100, 200] },
    shrinkage: { values: [0, 5, 20, 100] },
    weighting: { values: ['none', 'tf-idf'] },
  },
  // The matrix by user and by item, twice each (as built, and in the kernels' memory), and the lists.
  estimateBytes: ({ users, items, interactions }, { k }) =>
    40 * interactions + 16 * (users + items) + 24 * items * Math.max(k, leastKept),
  fit: async ({ interactions }, config, { signal }) => {
    const byUser = userItemMatrix(interactions)
    const pool = KernelPool.open({
      threads: threadsFor(pairCount(byUser)),
      scratchBytes: scratchBytes(interactions.items.length, config.k),
      signal,
    })
    try {
      const { run, lists } = searchNeighbours(pool, byUser, interactions.items.length, config)
      await pool.run(run)
      return itemKnn(lists(), config)
    } finally {
      await pool.close()
    }
  },
  load: async ({ json, arrays }, { items }) => {
    const lists = { items: arrays.items as Int32Array, scores: arrays.scores as Float32Array }
    return itemKnn({ k: lists.items.length / items, ...lists }, configSchema.parse(json))
  },
}

/** As the family, in this thread. */
export function fitItemKnn(interactions: Interactions, options: ItemKnnOptions): ItemKnn {
  const config = configSchema.parse(options)
  const pool = KernelPool.open({ threads: 1, scratchBytes: scratchBytes(interactions.items.length, config.k) })
  const { run, lists } = searchNeighbours(pool, userItemMatrix(interactions), interactions.items.length, config)
  pool.runHere(run)
  return itemKnn(lists(), config)
}

/** Lays the matrix into the pool's memory; the lists are there once the run is over. */
function searchNeighbours(
  pool: KernelPool,
  byUser: SparseMatrix,
  itemCount: number,
  { k, shrinkage, weighting }: ItemKnnConfig,
): { run: KernelRun; lists: () => NeighbourLists } {
  const weighted = weighting === 'none' ? byUser : inverseUserFrequency(byUser, itemCount)
  const byItem = transpose(weighted, itemCount)
  const kept = Math.min(Math.max(k, leastKept), Math.max(1, itemCount - 1))
  const squares = pool.float64(itemCount)
  for (let at = 0; at < weighted.columns.length; at++)
    squares.values[weighted.columns[at]!]! += weighted.values[at]! ** 2
  const items = pool.int32(itemCount * kept)
  const scores = pool.float32(itemCount * kept)
  return {
    run: {
      kernel: 'nearestRows',
      count: itemCount,
      chunk: 16,
      args: [
        ...place(pool, byItem),
        ...place(pool, weighted),
        squares.at,
        items.at,
        scores.at,
        itemCount,
        kept,
        shrinkage,
      ],
    },
    lists: () => ({ k: kept, items: items.values.slice(), scores: scores.values.slice() }),
  }
}

/** Addresses of a matrix’s offsets, columns and values in the pool’s memory; 0 for values that are all 1. */
function place(pool: KernelPool, { offsets, columns, values }: SparseMatrix): number[] {
  const copy = <A extends Float32Array | Int32Array>({ at, values: to }: Shared<A>, from: A): number => {
    to.set(from)
    return at
  }
  return [
    copy(pool.int32(offsets.length), offsets),
    copy(pool.int32(columns.length), columns),
    values.every((value) => value === 1) ? 0 : copy(pool.float32(values.length), values),
  ]
}

/** One row of sums, and the heap of neighbours. */
const scratchBytes = (items: number, k: number): number => 4 * items + 64 + 8 * Math.max(k, leastKept)

/** Additions that all pairs of items of the same users take. */
function pairCount({ offsets }: SparseMatrix): number {
  let pairs = 0
  for (let row = 1; row < offsets.length; row++) pairs += (offsets[row]! - offsets[row - 1]!) ** 2
  return pairs
}

/** Each row's weights times ln(columns / (1 + their number)), 0 at least. */
function inverseUserFrequency(matrix: SparseMatrix, columnCount: number): SparseMatrix {
  const values = matrix.values.slice()
  for (let row = 0; row < matrix.offsets.length - 1; row++) {
    const [from, to] = [matrix.offsets[row]!, matrix.offsets[row + 1]!]
    const frequency = Math.max(0, Math.log(columnCount / (1 + to - from)))
    for (let at = from; at < to; at++) values[at]! *= frequency
  }
  return { ...matrix, values }
}

function itemKnn(lists: NeighbourLists, config: ItemKnnConfig): ItemKnn {
  const neighbourOf = invertNeighbours(truncateNeighbours(lists, config.k))
  return {
    name: 'item-knn',
    foldsIn: true,
    chosen: {},
    neighbourLists: (k) => truncateNeighbours(lists, k),
    score(_user, history, scores) {
      scores.fill(0)
      for (const item of history) addRow(neighbourOf, item, 1, scores)
    },
    similar(item, k) {
      const from = item * lists.k
      const row = lists.items.subarray(from, from + Math.min(k, lists.k)).filter((other) => other >= 0)
      return { items: row, scores: lists.scores.slice(from, from + row.length) }
    },
    save: () => ({ json: config, arrays: { items: lists.items, scores: lists.scores } }),
    serving: () =>
      exportItemWeights(
        [{ weights: neighbourLists(neighbourOf, servedWeights), placeWeights: evenPlaces() }],
        neighbourOf.offsets.length - 1,
      ),
    close: () => undefined,
  }
}
