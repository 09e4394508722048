import type { Interactions } from '../../training/datasets/interactions.ts'
import type { FitEnvironment, FittedRecommender, RecommenderFamily } from '../../training/families/family.ts'
import { fitEnvironment } from './fit-environment.ts'

/** Interactions from one word a user, a letter an item; weights in the same order. */
export function interactionsOf(histories: Readonly<Record<string, string>>, weights?: readonly number[]): Interactions {
  const letters = Object.values(histories).flatMap((items) => [...items])
  const items = [...new Set(letters)]
  const indexOf = new Map(items.map((letter, item) => [letter, item]))
  const offsets = [0]
  for (const history of Object.values(histories)) offsets.push(offsets.at(-1)! + history.length)
  return {
    users: Object.keys(histories),
    items,
    offsets: Int32Array.from(offsets),
    itemIndices: Int32Array.from(letters, (letter) => indexOf.get(letter)!),
    times: Float64Array.from(letters, (_, i) => i),
    ...(weights && { weights: Float32Array.from(weights) }),
  }
}

/** Fits a family with options over its defaults, seed 7, without noise. */
export const fitFamilyOn = <C>(
  family: RecommenderFamily<C>,
  interactions: Interactions,
  options: Partial<C>,
  environment: Partial<FitEnvironment> = {},
): Promise<FittedRecommender> =>
  family.fit({ interactions }, family.config.parse(options), { ...fitEnvironment, seed: 7, ...environment })

/** Scores by the item's letter. */
export function scoresByItem(
  model: FittedRecommender,
  { items }: Interactions,
  user: number,
  history: string,
): Record<string, number> {
  const scores = new Float32Array(items.length).fill(Number.NaN)
  model.score(
    user,
    Int32Array.from(history, (letter) => items.indexOf(letter)),
    scores,
  )
  return Object.fromEntries(items.map((letter, item) => [letter, scores[item]!]))
}
