/** What is known beside the scores. */
export interface BlendContext {
  /** `[items]`: ln(1 + interactions), centred. */
  readonly popularity: Float32Array
  /** Mean of ln(1 + items of a history) over the training users. */
  readonly meanLength: number
}

/** Features of an item for a user: two of each component, two of the item. */
export const featureCount = (components: number): number => 2 * components + 2

/**
 * What the blend sees of each item: of every component the score z, standardised over the catalogue, and z times how long the history is;
 * then the item's popularity, and that times the length of the history.
 *
 * Nothing else, as each of them must be cheap in the graph that is served: places among the best, and leaving what the user has had out of
 * mean and deviation, gained nothing beyond chance on the validation parts of ml-100k and ml1m.
 *
 * @param scores   per component `[items]`; overwritten by z
 * @param length   items of the history
 * @param features `[items, featureCount]` row-major, overwritten
 */
export function blendFeatures(
  scores: readonly Float32Array[],
  length: number,
  { popularity, meanLength }: BlendContext,
  features: Float32Array,
): void {
  const width = featureCount(scores.length)
  const long = Math.log(1 + length) - meanLength
  for (const [component, its] of scores.entries()) {
    standardise(its)
    for (let item = 0, at = 2 * component; item < its.length; item++, at += width) {
      features[at] = its[item]!
      features[at + 1] = its[item]! * long
    }
  }
  for (let item = 0, at = width - 2; item < popularity.length; item++, at += width) {
    features[at] = popularity[item]!
    features[at + 1] = popularity[item]! * long
  }
}

/** Scores whose deviation is below this share of their mean are taken to be equal: single precision knows no better. */
export const leastDeviation = 1e-5

/** (x − mean) ÷ deviation, in place; zeros where all are equal. */
function standardise(scores: Float32Array): void {
  let mean = 0
  for (const score of scores) mean += score
  mean /= scores.length
  let squares = 0
  for (const score of scores) squares += (score - mean) ** 2
  const deviation = Math.sqrt(squares / scores.length)
  const scale = deviation > leastDeviation * Math.abs(mean) ? 1 / deviation : 0
  for (let item = 0; item < scores.length; item++) scores[item] = (scores[item]! - mean) * scale
}
