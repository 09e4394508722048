import { topItems } from '../classical/top-items.ts'
import { historyOf, type Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { buildBlend } from '../export/blend-onnx.ts'
import type { CatalogueScores } from '../export/catalogue-scores.ts'
import { type BlendContext, blendFeatures, featureCount } from './blend-features.ts'
import type { BlendExample } from './fit-blend.ts'

/** Users whose scores are held at once. */
const usersPerBlock = 64

/** The right item is told from so many of the best of each component. */
const rivalsPerComponent = 150

/** Where nothing is known, every component says as much as any other: of the features of `blend-features.ts` only their scores count. */
export const fairBlend = (components: number): Float64Array =>
  Float64Array.from({ length: featureCount(components) }, (_, feature) =>
    feature < 2 * components && feature % 2 === 0 ? 1 / components : 0,
  )

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

/** Items of a history that the blend and its components read. */
const historyLengthOf = (components: readonly CatalogueScores[]): number =>
  Math.max(...components.map(({ historyLength }) => historyLength))

/** Scores of every component for some histories: `[components][n, items]`. */
async function scoresOf(
  components: readonly CatalogueScores[],
  histories: readonly Int32Array[],
  items: number,
): Promise<Float32Array[]> {
  const all: Float32Array[] = []
  for (const component of components) {
    const scores = new Float32Array(histories.length * items)
    if (component.scoreMany !== undefined) await component.scoreMany(histories, scores)
    else for (const [i, history] of histories.entries()) component.score(history, rowOf(scores, i, items))
    all.push(scores)
  }
  return all
}

const rowOf = (matrix: Float32Array, row: number, items: number): Float32Array =>
  matrix.subarray(row * items, (row + 1) * items)

/**
 * What the blend learns from: held-out items that are among the best of some component, told from the other best ones that the user has
 * not had. Items beyond are left alone: put beside nothing but the best, they would teach that a low score is a good sign. Users count alike,
 * however much of theirs is held out.
 */
export async function blendExamples(
  components: readonly CatalogueScores[],
  fitted: Interactions,
  { users, items: heldOut, histories: given }: HeldOut,
  context: BlendContext,
  signal: AbortSignal,
): Promise<BlendExample[]> {
  const items = fitted.items.length
  const width = featureCount(components.length)
  const longest = historyLengthOf(components)
  const features = new Float32Array(items * width)
  const examples: BlendExample[] = []
  for (let start = 0; start < users.length; start += usersPerBlock) {
    signal.throwIfAborted()
    const end = Math.min(users.length, start + usersPerBlock)
    const histories = given?.slice(start, end) ?? Array.from(users.subarray(start, end), (u) => historyOf(fitted, u))
    const scores = await scoresOf(components, histories, items)
    for (const [i, history] of histories.entries()) {
      const its = scores.map((matrix) => rowOf(matrix, i, items))
      blendFeatures(its, Math.min(longest, history.length), context, features)
      const rivals = bestOfAny(its, history)
      const rows = new Float32Array(rivals.length * width)
      for (const [row, rival] of rivals.entries()) {
        rows.set(features.subarray(rival * width, (rival + 1) * width), row * width)
      }
      const positives = Array.from(heldOut[start + i]!, (item) => rivals.indexOf(item)).filter((row) => row >= 0)
      for (const positive of positives) examples.push({ features: rows, positive, weight: 1 / positives.length })
    }
  }
  return examples
}

/** Ascending; what the user has had is not among them. */
function bestOfAny(scores: readonly Float32Array[], history: Int32Array): Int32Array {
  const best = new Set<number>()
  for (const its of scores) {
    for (const item of history) its[item] = Number.NEGATIVE_INFINITY
    for (const item of topItems(its, rivalsPerComponent)) best.add(item)
  }
  return Int32Array.from(best).sort()
}

/** The blend itself. @param weights `[featureCount]` */
export function blendedScores(
  components: readonly CatalogueScores[],
  context: BlendContext,
  weights: readonly number[],
): Required<CatalogueScores> {
  const items = context.popularity.length
  const width = featureCount(components.length)
  const historyLength = historyLengthOf(components)
  const features = new Float32Array(items * width)
  const blend = (parts: readonly Float32Array[], history: Int32Array, scores: Float32Array): void => {
    blendFeatures(parts, Math.min(historyLength, history.length), context, features)
    for (let item = 0, at = 0; item < items; item++) {
      let sum = 0
      for (let j = 0; j < width; j++) sum += weights[j]! * features[at++]!
      scores[item] = sum
    }
  }
  return {
    historyLength,
    build: (graph, history) => buildBlend(graph, history, components, context, weights),
    score(history, scores) {
      const parts = components.map((component) => {
        const own = new Float32Array(items)
        component.score(history, own)
        return own
      })
      blend(parts, history, scores)
    },
    async scoreMany(histories, scores) {
      const parts = await scoresOf(components, histories, items)
      for (const [i, history] of histories.entries()) {
        blend(
          parts.map((matrix) => rowOf(matrix, i, items)),
          history,
          rowOf(scores, i, items),
        )
      }
    },
  }
}
