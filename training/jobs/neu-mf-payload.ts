import type { Golden } from '../../models/artifact/manifest.ts'
import { type NeuMfVocabulary, neuMfFiles } from '../../models/payloads/neu-mf.ts'
import type { Tensor } from '../../models/scorer.ts'
import { fitItemKnn } from '../classical/item-knn.ts'
import { fitNextItem, type NextItemOptions } from '../classical/next-item.ts'
import { fitPopularity } from '../classical/popularity.ts'
import type { NeighbourLists, Recommender } from '../classical/recommender.ts'
import { topItems } from '../classical/top-items.ts'
import type { Interactions } from '../datasets/interactions.ts'
import { makeGolden } from '../export/golden.ts'

const neighboursServed = 50
const popularServed = 1000

/** The lists that serving retrieves candidates from, fitted on everything known; names and shapes as in models/payloads/neu-mf.ts. */
export function retrievalArrays(
  all: Interactions,
  options: { readonly halfLifeDays: number; readonly nextItem: NextItemOptions },
): Record<string, Tensor> {
  const { counts } = fitPopularity(all, options)
  const popular = topItems(counts, Math.min(popularServed, counts.length))
  const similar = fitItemKnn(all, { k: neighboursServed }).neighbourLists(neighboursServed)
  const next = fitNextItem(all, options.nextItem).neighbourLists(neighboursServed)
  const rows = (name: string, { k, items, scores }: NeighbourLists): Record<string, Tensor> => ({
    [`${name}Items`]: { shape: [all.items.length, k], data: items },
    [`${name}Scores`]: { shape: [all.items.length, k], data: scores },
  })
  return {
    popularItems: { shape: [popular.length], data: popular },
    popularScores: { shape: [popular.length], data: Float32Array.from(popular, (item) => counts[item]!) },
    ...rows('similar', similar),
    ...rows('next', next),
  }
}

export function vocabularyFile({ users, items }: Interactions): Record<string, unknown> {
  const vocabulary: NeuMfVocabulary = { users: [...users], items: [...items] }
  return { [neuMfFiles.vocabulary]: vocabulary }
}

/** 32 pairs over the whole range of users and items, first and last included, scored by the engine that trained the network. */
export function goldenBatch(recommender: Recommender, { users, items }: Interactions): Golden {
  const count = 32
  const spread = (size: number, i: number): number => Math.round((i * (size - 1)) / (count - 1))
  const user = Int32Array.from({ length: count }, (_, i) => spread(users.length, i))
  const item = Int32Array.from({ length: count }, (_, i) => spread(items.length, (i * 7) % count))
  const scores = new Float32Array(items.length)
  const score = Float32Array.from(user, (u, i) => {
    recommender.score(u, new Int32Array(), scores)
    return scores[item[i]!]!
  })
  return makeGolden(
    { user: { shape: [count], data: user }, item: { shape: [count], data: item } },
    { score: { shape: [count], data: score } },
  )
}
