import {
  type CategoryEffects,
  chooseStrength,
  fitCategoryEffects,
  type Unexplained,
  unexplainedClasses,
  unexplainedValues,
} from '../estimators/category-effects.ts'
import { type LinearModel, predictLinear } from '../estimators/design.ts'
import { columnOf } from '../estimators/standard-scale.ts'
import { encodedWidth, linearWidth } from './tabular-encoder.ts'
import type { Lesson, PreparedTable, TabularModelInput } from './tabular-model.ts'

/** Fields with more values than this are left to the embeddings: a linear model would learn them by heart. */
const oneHotLimit = 50

/** Size of a field's one-hot block in the design; 0 for one that is left out. */
export const oneHotWidth = (vocabulary: number): number => (vocabulary <= oneHotLimit ? vocabulary : 0)

/** What network and trees start from: linear models of all outputs. */
export interface LinearStart {
  /** `[linearWidth, T]`, row-major */
  readonly skip: Float32Array
  /** `[T]` */
  readonly intercept: Float32Array
  /** Per field `[vocabulary, T]`: weights of its values, or their effects. */
  readonly biases: readonly Float32Array[]
  /** What the linear models make of the numeric columns; `[rowCount, T]`. */
  readonly values: Float32Array
}

/** Effects per field, then output; undefined for a field that the linear model reads itself. */
type FieldEffects = readonly (readonly CategoryEffects[] | undefined)[]

/**
 * How to learn effects of the fields that the linear model leaves out, chosen on the validation rows.
 *
 * @param models the linear models of the training rows
 * @returns what learns them from some rows and the linear models of those
 */
export function categoryEffects(
  { prepared, outputs, train, valid, kind }: TabularModelInput,
  models: readonly LinearModel[],
): (models: readonly LinearModel[], lesson: Lesson) => FieldEffects {
  const { design, vocabularies, categories } = prepared
  const unexplained = kind === 'regression' ? unexplainedValues : unexplainedClasses
  const leftOver = (linear: readonly LinearModel[], targets: Float32Array): Unexplained[] =>
    linear.map((model, t) => unexplained(columnOf(targets, outputs, t), predictLinear(model, design)))
  const onTrain = leftOver(models, train.targets)
  const strengths = vocabularies.map(({ length }, field) =>
    oneHotWidth(length) > 0 ? undefined : chooseStrength(length, categories[field]!, onTrain, train.rows, valid),
  )
  return (linear, { rows, targets }) => {
    const left = leftOver(linear, targets)
    return strengths.map((strength, field) =>
      strength === undefined
        ? undefined
        : left.map((output) =>
            fitCategoryEffects(vocabularies[field]!.length, categories[field]!, output, rows, strength),
          ),
    )
  }
}

/** Linear models of `designOf` taken apart: what they make of the numeric columns, and the biases of categories, which effects join. */
export function startOf(
  models: readonly LinearModel[],
  effects: FieldEffects,
  prepared: PreparedTable,
  outputs: number,
): LinearStart {
  const { rowCount, encoder, encoded, vocabularies } = prepared
  const linear = linearWidth(encoder)
  const block = (at: number, rows: number): Float32Array => {
    const values = new Float32Array(rows * outputs)
    models.forEach((model, t) => {
      for (let i = 0; i < rows; i++) values[i * outputs + t] = model.weights[at + i]!
    })
    return values
  }
  let at = linear
  const biases = vocabularies.map(({ length: vocabulary }, field) => {
    const known = effects[field]
    if (known !== undefined) {
      return Float32Array.from(
        { length: vocabulary * outputs },
        (_, i) => known[i % outputs]![Math.floor(i / outputs)]!,
      )
    }
    const width = oneHotWidth(vocabulary)
    const values = block(at, width)
    at += width
    return values
  })
  const skip = block(0, linear)
  const intercept = Float32Array.from(models, (model) => model.intercept)
  return {
    biases,
    skip,
    intercept,
    values: linearPart(rowCount, encoded, encodedWidth(encoder), linear, skip, intercept),
  }
}

/** x[:, :L]·skip + intercept, `[rows, T]`. */
function linearPart(
  rows: number,
  encoded: Float32Array,
  width: number,
  linear: number,
  skip: Float32Array,
  intercept: Float32Array,
): Float32Array {
  const outputs = intercept.length
  const values = new Float32Array(rows * outputs)
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < outputs; t++) {
      let sum = intercept[t]!
      for (let i = 0; i < linear; i++) sum += encoded[row * width + i]! * skip[i * outputs + t]!
      values[row * outputs + t] = sum
    }
  }
  return values
}

/** What a start says in all, categories included; `[rowCount]` of output t. */
export function startValues(
  { biases, values }: LinearStart,
  { categories }: Pick<PreparedTable, 'categories'>,
  outputs: number,
  t: number,
): Float64Array {
  const sums = columnOf(values, outputs, t)
  categories.forEach((column, field) => {
    const its = biases[field]!
    for (let row = 0; row < sums.length; row++) sums[row]! += its[column[row]! * outputs + t]!
  })
  return sums
}
