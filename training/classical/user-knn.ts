import { z } from 'zod'
import type { UserIndex } from '../datasets/interactions.ts'
import { type FittedRecommender, type RankedItems, type RecommenderFamily, unknownUser } from '../families/family.ts'
import { addRow, type SparseMatrix } from './sparse-matrix.ts'
import { topItems } from './top-items.ts'
import { transpose, userItemMatrix } from './user-item-matrix.ts'

const configSchema = z.object({
  k: z.number().int().min(1).default(50).describe('users whose items are recommended'),
})
type UserKnnConfig = z.infer<typeof configSchema>

/**
 * What users of the same taste liked: cosine(u, v) = Σ_i w_ui·w_vi / √(Σ_i w_ui²·Σ_i w_vi²) over the items of both, the k nearest N(u);
 * score(j) = Σ over v in N(u) of cosine(u, v)·w_vj (Herlocker et al. 1999, for implicit feedback). Nothing is learned: neighbours are
 * found when they are asked for, through each item's users, and a new visitor's as any other's.
 *
 * It has no served form: its model is everyone's history. Published with each version it would outlive the erasure of a person
 * (docs/privacy.md), and item-kNN, which holds none, ranks as well.
 */
export const userKnnFamily: RecommenderFamily<UserKnnConfig> = {
  name: 'user-knn',
  description: 'What the users of the most similar histories liked, by cosine.',
  orderAware: false,
  config: configSchema,
  searchSpace: { k: { values: [20, 50, 100, 200, 500] } },
  // The matrix by user and by item, and a row of each.
  estimateBytes: ({ users, items, interactions }) => 24 * interactions + 16 * (users + items),
  fit: async ({ interactions }, config) => userKnn(userItemMatrix(interactions), interactions.items.length, config),
  load: async ({ json, arrays }, { items }) => {
    const byUser = {
      offsets: arrays.offsets as Int32Array,
      columns: arrays.columns as Int32Array,
      values: arrays.values as Float32Array,
    }
    return userKnn(byUser, items, configSchema.parse(json))
  },
}

function userKnn(byUser: SparseMatrix, itemCount: number, config: UserKnnConfig): FittedRecommender {
  const byItem = transpose(byUser, itemCount)
  const userNorms = normsOf(byUser)
  const itemNorms = normsOf(byItem)
  const cosines = new Float32Array(userNorms.length)

  /** A known user's own row, or the history as one. */
  const rowOf = (user: UserIndex, history: Int32Array): Pick<SparseMatrix, 'columns' | 'values'> => {
    if (user === unknownUser) return { columns: history, values: new Float32Array(history.length).fill(1) }
    const [from, to] = [byUser.offsets[user]!, byUser.offsets[user + 1]!]
    return { columns: byUser.columns.subarray(from, to), values: byUser.values.subarray(from, to) }
  }
  return {
    name: 'user-knn',
    foldsIn: true,
    chosen: {},
    score(user, history, scores) {
      scores.fill(0)
      if (history.length === 0) {
        for (let at = 0; at < byUser.columns.length; at++) scores[byUser.columns[at]!]! += byUser.values[at]!
        return
      }
      const { columns, values } = rowOf(user, history)
      cosinesWith(columns, values, byItem, userNorms, cosines)
      if (user !== unknownUser) cosines[user] = 0
      for (const neighbour of topItems(cosines, config.k)) {
        if (cosines[neighbour]! > 0) addRow(byUser, neighbour, cosines[neighbour]!, scores)
      }
    },
    similar(item, k): RankedItems {
      const alike = new Float32Array(itemCount)
      const [from, to] = [byItem.offsets[item]!, byItem.offsets[item + 1]!]
      cosinesWith(byItem.columns.subarray(from, to), byItem.values.subarray(from, to), byUser, itemNorms, alike)
      alike[item] = 0
      const items = topItems(alike, k).filter((other) => alike[other]! > 0)
      return { items, scores: Float32Array.from(items, (other) => alike[other]!) }
    },
    save: () => ({ json: config, arrays: { ...byUser } }),
    close: () => undefined,
  }
}

/** Cosine of one sparse row with every row of a matrix, given by the matrix's columns; 0 where a row is empty. */
function cosinesWith(
  columns: Int32Array,
  values: Float32Array,
  byColumn: SparseMatrix,
  norms: Float64Array,
  cosines: Float32Array,
): void {
  cosines.fill(0)
  let square = 0
  for (let i = 0; i < columns.length; i++) {
    addRow(byColumn, columns[i]!, values[i]!, cosines)
    square += values[i]! ** 2
  }
  const norm = Math.sqrt(square)
  for (let row = 0; row < cosines.length; row++) if (cosines[row] !== 0) cosines[row]! /= norm * norms[row]!
}

/** ‖row‖ of each row. */
function normsOf({ offsets, values }: SparseMatrix): Float64Array {
  const norms = new Float64Array(offsets.length - 1)
  for (let row = 0; row < norms.length; row++) {
    let square = 0
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) square += values[at]! ** 2
    norms[row] = Math.sqrt(square)
  }
  return norms
}
