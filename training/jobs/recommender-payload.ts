import type { Golden, Manifest } from '../../models/artifact/manifest.ts'
import { paddedHistories, type RecommenderVocabulary, recommenderFiles } from '../../models/payloads/recommender.ts'
import type { Tensor } from '../../models/scorer.ts'
import { fitItemKnn } from '../classical/item-knn.ts'
import { fitNextItem, type NextItemOptions } from '../classical/next-item.ts'
import { fitPopularity } from '../classical/popularity.ts'
import type { NeighbourLists } from '../classical/recommender.ts'
import { topItems } from '../classical/top-items.ts'
import { historyOf, type Interactions } from '../datasets/interactions.ts'
import { makeGolden } from '../export/golden.ts'
import type { ServingNetwork } from '../families/family.ts'

const neighboursServed = 50
const popularServed = 1000

/** The lists that serving retrieves candidates from, fitted on everything known; names and shapes as in models/payloads/recommender.ts. */
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
  const vocabulary: RecommenderVocabulary = { users: [...users], items: [...items] }
  return { [recommenderFiles.vocabulary]: vocabulary }
}

/** What the manifest says of the network's inputs and outputs. */
export function networkPorts({ historyLength }: ServingNetwork): Pick<Manifest, 'inputs' | 'outputs'> {
  const people: Manifest['inputs'] =
    historyLength === undefined
      ? [{ name: 'user', dtype: 'int32', shape: [-1] }]
      : [
          { name: 'history', dtype: 'int32', shape: [-1, historyLength] },
          { name: 'row', dtype: 'int32', shape: [-1] },
        ]
  return {
    inputs: [...people, { name: 'item', dtype: 'int32', shape: [-1] }],
    outputs: [{ name: 'score', dtype: 'float32', shape: [-1] }],
  }
}

const goldenRows = 32

/** 32 pairs over the whole range of users and items, first and last included, scored by the engine that trained the network. */
export function goldenBatch(network: ServingNetwork, fitted: Interactions): Golden {
  const { users, items } = fitted
  const spread = (size: number, i: number): number => Math.round((i * (size - 1)) / (goldenRows - 1))
  const user = Int32Array.from({ length: goldenRows }, (_, i) => spread(users.length, i))
  const item = Int32Array.from({ length: goldenRows }, (_, i) => spread(items.length, (i * 7) % goldenRows))
  const histories = Array.from(user, (u) => historyOf(fitted, u))
  const scores = new Float32Array(items.length)
  const score = Float32Array.from(user, (u, i) => {
    network.score(network.historyLength === undefined ? u : -1, histories[i]!, scores)
    return scores[item[i]!]!
  })
  const people =
    network.historyLength === undefined
      ? { user: column(user) }
      : {
          history: {
            shape: [goldenRows, network.historyLength],
            data: paddedHistories(histories, network.historyLength),
          },
          row: column(Int32Array.from(user, (_, i) => i)),
        }
  return makeGolden({ ...people, item: column(item) }, { score: { shape: [goldenRows], data: score } })
}

const column = (data: Int32Array): Tensor => ({ shape: [data.length], data })
