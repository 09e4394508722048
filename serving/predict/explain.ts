import { AppError } from '../../errors.ts'
import type { Draft } from '../../features/transforms/draft-features.ts'
import type { InputGroup } from '../../features/transforms/input-groups.ts'
import type { LoadedModel, TabularBackground, TabularPayload } from '../runtime/loaded-model.ts'
import { coalitionInputs, differingGroups } from './coalition-inputs.ts'
import { type Effect, outputScale } from './output-scale.ts'
import type { TabularModel } from './score-drafts.ts'
import { joiningOrders, shapleyEffects } from './shapley.ts'
import { inputTensors, type TabularExamples, type TabularInputs, tabularInputs } from './tabular-inputs.ts'

/** Pairs of orders for each content of the background: 64 orders over 32 contents, at most about 900 coalitions. */
const pairs = 1

/** Why one target is predicted as it is. */
export interface Explanation {
  /** What the model predicts for the contents of the background: of counts their geometric mean, of probabilities the mean. */
  readonly typical: number
  /** What each input adds to that, the strongest first; together they lead from the typical value to the predicted one. */
  readonly drivers: readonly Driver[]
}

type Driver = { readonly field: InputGroup } & Effect

/**
 * Explains a prediction by sampled Shapley values of the inputs that a person would name, against contents of the past: what each input
 * changes if it is the draft's and not that of one of these contents, on average over what else is the draft's by then (interventional
 * Shapley values, Janzing et al. 2020). The network's gradients, which integrated gradients need, are not to be had from onnxruntime;
 * and along a straight line between two texts or two hours there is no draft.
 *
 * One run of the network over all coalitions; the same request gets the same explanation.
 *
 * @param example a single draft
 * @returns one for each target
 * @throws AppError CONFLICT when the model was trained before there were explanations
 */
export function explainDraft(model: TabularModel, example: TabularExamples): Promise<readonly Explanation[]> {
  const { payload } = model
  return explainRow(model, tabularInputs(payload, example), textParts(payload, example.drafts[0]!))
}

/**
 * Explains what a tabular model makes of one row of inputs, whatever they derive from.
 *
 * @param texts see `Contrast`
 * @returns one for each column of its predictions, or of its probabilities
 */
export async function explainRow(
  model: TabularModel | LoadedModel<'churn'> | LoadedModel<'creator-revenue'>,
  example: TabularInputs,
  texts: Float32Array,
): Promise<readonly Explanation[]> {
  const { grouped, background } = model.payload
  if (background === undefined) throw withoutBackground(model)
  const contrast = { grouped, example, texts, background: comparable(model.payload, background, example) }
  const orders = joiningOrders(differingGroups(contrast), pairs)
  const outputs = await model.scorer.score(inputTensors(coalitionInputs(contrast, orders)))
  const scale = outputScale(outputs)
  const { data, shape } = outputs[scale.output]!
  const sums = Float64Array.from(data, scale.toSum)
  const [width, rowCount] = [shape[1]!, background.rowCount]
  const values = {
    explained: sums,
    backgrounds: sums.subarray(width, (1 + rowCount) * width),
    coalitions: sums.subarray((1 + rowCount) * width),
  }
  const effects = shapleyEffects(orders, values, grouped.groups.length, width)
  return Array.from({ length: width }, (_, t) => {
    let mean = 0
    for (let b = 0; b < rowCount; b++) mean += values.backgrounds[b * width + t]! / rowCount
    const drivers = grouped.groups
      .map((field, group) => ({ field, effect: effects[group * width + t]! }))
      .filter(({ effect }) => effect !== 0)
      .sort((one, other) => Math.abs(other.effect) - Math.abs(one.effect))
    return {
      typical: scale.fromSum(mean),
      drivers: drivers.map(({ field, effect }) => ({ field, ...scale.shown(effect) })),
    }
  })
}

/** What each text of a draft alone adds, `[text fields, W]`. */
function textParts({ texts, encodeTexts }: TabularPayload, draft: Draft): Float32Array {
  if (encodeTexts === undefined || texts === null) return new Float32Array(0)
  const none = { title: '', description: '', tags: [] }
  return encodeTexts(texts.fields.map((field) => ({ ...draft, ...none, [field]: draft[field] })))
}

/** The background as a draft without first counts is held against: before its contents had any. */
function comparable(payload: TabularPayload, background: TabularBackground, example: TabularInputs): TabularBackground {
  const early = payload.numeric.flatMap(({ source }, column) => (source === 'early' ? [column] : []))
  if (early.some((column) => !Number.isNaN(example.numeric[column]!))) return background
  const numeric = background.numeric.slice()
  for (let b = 0; b < background.rowCount; b++) {
    for (const column of early) numeric[b * payload.numeric.length + column] = Number.NaN
  }
  return { ...background, numeric }
}

const withoutBackground = ({ name, version }: Pick<LoadedModel, 'name' | 'version'>): AppError =>
  new AppError(
    'CONFLICT',
    `Version ${version} of ${name} was trained before there were explanations and has nothing to hold a prediction against. Run \`contentflow train ${name}\`, or ask without explain.`,
  )
