import { z } from 'zod'
import type { Interactions } from '../datasets/interactions.ts'
import type { FittedRecommender, RecommenderFamily } from '../families/family.ts'
import { occurrencesByItem } from './item-users.ts'
import type { NeighbourLists } from './recommender.ts'
import { addRow, buildSparseMatrix, neighbourLists, rankedRow, type SparseMatrix } from './sparse-matrix.ts'

const configSchema = z.object({
  k: z.number().int().min(1).default(20).describe('neighbours kept for each item'),
})
type ItemKnnOptions = z.infer<typeof configSchema>

export interface ItemKnn extends FittedRecommender {
  /** The most similar items of each, by cosine; k may differ from the one that scores. */
  neighbourLists(k: number): NeighbourLists
}

/**
 * Items liked by the same users: cosine(i, j) = |users of both| / √(|users of i|·|users of j|), the k nearest N(j) kept for each item;
 * score(j) = Σ over the history's items in N(j) of cosine(i, j) (Sarwar et al. 2001, eq. 2 without the norm).
 */
export const itemKnnFamily: RecommenderFamily<ItemKnnOptions> = {
  name: 'item-knn',
  description: 'Items liked by the same users, by cosine.',
  orderAware: false,
  config: configSchema,
  searchSpace: { k: { values: [5, 10, 20, 50, 100, 200] } },
  estimateBytes: ({ items, interactions }) => 16 * Math.min(items * items, 50 * interactions) + 16 * interactions,
  fit: async ({ interactions }, config) => fitItemKnn(interactions, config),
  load: async ({ json, arrays }) =>
    itemKnn(
      {
        offsets: arrays.offsets as Int32Array,
        columns: arrays.columns as Int32Array,
        values: arrays.values as Float32Array,
      },
      configSchema.parse(json),
    ),
}

export function fitItemKnn(interactions: Interactions, options: ItemKnnOptions): ItemKnn {
  const { offsets, itemIndices, items } = interactions
  const byItem = occurrencesByItem(interactions)
  const count = (item: number): number => byItem.offsets[item + 1]! - byItem.offsets[item]!
  const cosine = buildSparseMatrix(items.length, (item, sums, touched) => {
    let found = 0
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
      const user = byItem.users[at]!
      for (let position = offsets[user]!; position < offsets[user + 1]!; position++) {
        const other = itemIndices[position]!
        if (other === item) continue
        if (sums[other] === 0) touched[found++] = other
        sums[other]! += 1
      }
    }
    for (let i = 0; i < found; i++) sums[touched[i]!]! /= Math.sqrt(count(item) * count(touched[i]!))
    return found
  })
  return itemKnn(cosine, options)
}

function itemKnn(cosine: SparseMatrix, options: ItemKnnOptions): ItemKnn {
  const neighbourOf = invert(neighbourLists(cosine, options.k), cosine.offsets.length - 1)
  return {
    name: 'item-knn',
    foldsIn: true,
    chosen: {},
    neighbourLists: (k) => neighbourLists(cosine, k),
    score(_user, history, scores) {
      scores.fill(0)
      for (const item of history) addRow(neighbourOf, item, 1, scores)
    },
    similar: (item, k) => rankedRow(cosine, item, k),
    save: () => ({ json: options, arrays: { ...cosine } }),
    close: () => undefined,
  }
}

/** Row i lists the items j that have i among their neighbours. */
function invert({ k, items, scores }: NeighbourLists, size: number): SparseMatrix {
  const offsets = new Int32Array(size + 1)
  for (const neighbour of items) if (neighbour >= 0) offsets[neighbour + 1]!++
  for (let item = 0; item < size; item++) offsets[item + 1]! += offsets[item]!
  const next = offsets.slice()
  const columns = new Int32Array(offsets[size]!)
  const values = new Float32Array(offsets[size]!)
  for (let at = 0; at < items.length; at++) {
    const neighbour = items[at]!
    if (neighbour < 0) continue
    const slot = next[neighbour]!++
    columns[slot] = Math.floor(at / k)
    values[slot] = scores[at]!
  }
  return { offsets, columns, values }
}
