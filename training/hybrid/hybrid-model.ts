import { historyOf, type Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import type { FittedRecommender } from '../families/family.ts'
import { type BlendContext, blendFeatures, featureCount } from './blend-features.ts'
import type { BlendExample } from './fit-blend.ts'

/** Users whose scores are held at once. */
const usersPerBlock = 64

/** @returns the context of a blend on this data */
export function blendContext({ items, users, itemIndices, offsets }: Interactions): BlendContext {
  const popularity = new Float32Array(items.length)
  for (const item of itemIndices) popularity[item]!++
  let mean = 0
  for (let item = 0; item < popularity.length; item++) {
    popularity[item] = Math.log(1 + popularity[item]!)
    mean += popularity[item]! / popularity.length
  }
  for (let item = 0; item < popularity.length; item++) popularity[item]! -= mean
  let meanLength = 0
  for (let user = 0; user < users.length; user++) {
    meanLength += Math.log(1 + offsets[user + 1]! - offsets[user]!) / users.length
  }
  return { popularity, meanLength }
}

/** Scores of every component for some users: `[components][n, items]`. */
async function scoresOf(
  components: readonly FittedRecommender[],
  users: Int32Array,
  histories: readonly Int32Array[],
  items: number,
): Promise<Float32Array[]> {
  const all: Float32Array[] = []
  for (const component of components) {
    const scores = new Float32Array(users.length * items)
    if (component.scoreMany !== undefined) await component.scoreMany(users, histories, scores)
    else {
      for (const [i, user] of users.entries()) {
        component.score(user, histories[i]!, scores.subarray(i * items, (i + 1) * items))
      }
    }
    all.push(scores)
  }
  return all
}

const rowsOf = (scores: readonly Float32Array[], row: number, items: number): Float32Array[] =>
  scores.map((matrix) => matrix.subarray(row * items, (row + 1) * items))

/** What the blend learns from: each held-out item among the best of all components. */
export async function blendExamples(
  components: readonly FittedRecommender[],
  fitted: Interactions,
  { users, items: heldOut }: HeldOut,
  context: BlendContext,
  signal: AbortSignal,
): Promise<BlendExample[]> {
  const items = fitted.items.length
  const width = featureCount(components.length)
  const features = new Float32Array(items * width)
  const examples: BlendExample[] = []
  for (let start = 0; start < users.length; start += usersPerBlock) {
    signal.throwIfAborted()
    const some = users.subarray(start, start + usersPerBlock)
    const histories = Array.from(some, (user) => historyOf(fitted, user))
    const scores = await scoresOf(components, some, histories, items)
    for (const [i, history] of histories.entries()) {
      const best = blendFeatures(rowsOf(scores, i, items), history, context, features)
      for (const item of heldOut[start + i]!) {
        const candidates = best.includes(item) ? best : Int32Array.of(...best, item)
        const rows = new Float32Array(candidates.length * width)
        for (const [row, candidate] of candidates.entries()) {
          rows.set(features.subarray(candidate * width, (candidate + 1) * width), row * width)
        }
        examples.push({ features: rows, positive: candidates.indexOf(item) })
      }
    }
  }
  return examples
}

/** The blend itself. @param weights `[featureCount]` */
export function hybridModel(
  components: readonly FittedRecommender[],
  context: BlendContext,
  weights: Float64Array,
): Pick<FittedRecommender, 'score' | 'scoreMany' | 'foldsIn' | 'similar' | 'close'> {
  const items = context.popularity.length
  const width = featureCount(components.length)
  const features = new Float32Array(items * width)
  const blend = (parts: readonly Float32Array[], history: Int32Array, scores: Float32Array): void => {
    blendFeatures(parts, history, context, features)
    for (let item = 0; item < items; item++) {
      let sum = 0
      for (let j = 0; j < width; j++) sum += weights[j]! * features[item * width + j]!
      scores[item] = sum
    }
  }
  return {
    foldsIn: components.every(({ foldsIn }) => foldsIn),
    score(user, history, scores) {
      const parts = components.map((component) => {
        const own = new Float32Array(items)
        component.score(user, history, own)
        return own
      })
      blend(parts, history, scores)
    },
    async scoreMany(users, histories, scores) {
      const parts = await scoresOf(components, users, histories, items)
      for (let i = 0; i < users.length; i++) {
        blend(rowsOf(parts, i, items), histories[i]!, scores.subarray(i * items, (i + 1) * items))
      }
    },
    similar: (item, k) => components[0]!.similar(item, k),
    close() {
      for (const component of components) component.close()
    },
  }
}
