import { topItems } from '../classical/top-items.ts'

/** Items of each component whose order counts; beyond, only the score does. */
const rankedPerComponent = 150

/** What is known beside the scores. */
export interface BlendContext {
  /** `[items]`: ln(1 + interactions), centred. */
  readonly popularity: Float32Array
  /** Mean of ln(1 + items of a history) over the training users. */
  readonly meanLength: number
}

/** Features of an item for a user: three of each component, two of the item. */
export const featureCount = (components: number): number => 3 * components + 2

/**
 * What the blend sees of each item: of every component the standardised score z, z times how long the history is, and −ln of its place
 * among the best; then the item's popularity, and that times the length of the history.
 *
 * @param scores   per component `[items]`, overwritten: what the user has had leaves mean, deviation and places alone
 * @param history  items of the user
 * @param features `[items, featureCount]` row-major, overwritten
 * @returns the items among the best of any component, ascending
 */
export function blendFeatures(
  scores: readonly Float32Array[],
  history: Int32Array,
  { popularity, meanLength }: BlendContext,
  features: Float32Array,
): Int32Array {
  const width = featureCount(scores.length)
  const length = Math.log(1 + history.length) - meanLength
  const best = new Set<number>()
  for (const [component, its] of scores.entries()) {
    standardise(its, history)
    const at = 3 * component
    for (let item = 0; item < its.length; item++) {
      features[item * width + at] = its[item]!
      features[item * width + at + 1] = its[item]! * length
      features[item * width + at + 2] = 0
    }
    for (const item of history) its[item] = Number.NEGATIVE_INFINITY
    for (const [place, item] of topItems(its, rankedPerComponent).entries()) {
      best.add(item)
      features[item * width + at + 2] = Math.log((rankedPerComponent + 1) / (place + 1))
    }
  }
  for (let item = 0; item < popularity.length; item++) {
    features[item * width + width - 2] = popularity[item]!
    features[item * width + width - 1] = popularity[item]! * length
  }
  return Int32Array.from(best).sort()
}

/** (x − mean) ÷ deviation over the items outside the history, in place; zeros where all are equal. */
function standardise(scores: Float32Array, history: Int32Array): void {
  const had = new Set(history)
  let sum = 0
  let squares = 0
  for (const score of scores) {
    sum += score
    squares += score * score
  }
  for (const item of had) {
    sum -= scores[item]!
    squares -= scores[item]! ** 2
  }
  const count = Math.max(1, scores.length - had.size)
  const mean = sum / count
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean))
  const scale = deviation > 1e-9 * Math.abs(mean) && deviation > 0 ? 1 / deviation : 0
  for (let item = 0; item < scores.length; item++) scores[item] = (scores[item]! - mean) * scale
}
