import { encode, fitVocabulary } from '../../features/transforms/vocabulary.ts'
import type { TabularColumns } from '../datasets/tabular-columns.ts'
import {
  type CategoryEffects,
  chooseStrength,
  fitCategoryEffects,
  type Unexplained,
  unexplainedClasses,
  unexplainedValues,
} from '../estimators/category-effects.ts'
import { type Design, type LinearModel, predictLinear } from '../estimators/design.ts'
import { rowsOf } from '../estimators/ridge.ts'
import { columnOf } from '../estimators/standard-scale.ts'
import { encodedWidth, encodeTabular, fitTabularEncoder, linearWidth, type TabularEncoder } from './tabular-encoder.ts'
import {
  type EnsembleInput,
  type Lesson,
  predictEnsemble,
  type TabularEnsemble,
  trainEnsemble,
} from './tabular-ensemble.ts'
import type { LinearStart, Parameters, TabularShape, Tf } from './tabular-network.ts'

/** Fields with more values than this are left to the embeddings: a linear model would learn them by heart. */
const oneHotLimit = 50
const rarest = 5

/** A table made ready for a tabular network and for its linear counterpart. */
export interface PreparedTable {
  readonly encoder: TabularEncoder
  /** Per categorical field; `[0]` is the unknown value. */
  readonly vocabularies: readonly (readonly string[])[]
  readonly encoded: Float32Array
  readonly categories: readonly Int32Array[]
  /** Standardised columns and flags, and the values of the small categorical fields as one-hot columns. */
  readonly design: Design
}

/**
 * Fits the encoding on the training rows and encodes all.
 *
 * @param bins most bins per numeric feature
 */
export function prepareTable(table: TabularColumns, train: Int32Array, bins: number): PreparedTable {
  const encoder = fitTabularEncoder(table.numeric, table.featureCount, train, bins)
  const vocabularies = table.categorical.map((column) => {
    const seen = Array.from(train, (row) => column[row]!)
    return fitVocabulary(seen, Math.min(rarest, Math.ceil(train.length / 20))).values
  })
  const categories = table.categorical.map((column, field) => encode({ values: vocabularies[field]! }, column))
  const encoded = encodeTabular(encoder, table.numeric)
  return { encoder, vocabularies, encoded, categories, design: designOf(encoder, encoded, vocabularies, categories) }
}

export interface TabularModel {
  readonly prepared: PreparedTable
  readonly ensemble: TabularEnsemble
  /** Mean output of the networks fitted on training rows alone, or of the final ones; `[rows, T]`, row-major. */
  readonly predict: (which: 'judged' | 'final', rows: Int32Array) => Float32Array
  /** The linear counterpart fitted on training and, with `refit`, validation rows; `[T][rows]`. */
  readonly predictLinear: (rows: Int32Array) => readonly Float64Array[]
}

export interface TabularModelInput
  extends Pick<
    EnsembleInput,
    'train' | 'valid' | 'past' | 'fit' | 'members' | 'refit' | 'seed' | 'signal' | 'workDir' | 'resume' | 'onEpoch'
  > {
  readonly prepared: PreparedTable
  readonly rowCount: number
  readonly outputs: number
  readonly hidden: number
  /** The linear model of an output that the network starts from; by default the linear counterpart. */
  readonly fitStart?: FitLinear
  /** The linear counterpart of an output: the baseline. */
  readonly fitLinear: FitLinear
}

/**
 * A linear model of output t.
 *
 * @param target `[rowCount]`, NaN = unknown
 * @param rows   those to fit it on
 */
type FitLinear = (target: Float64Array, rows: Int32Array, t: number) => LinearModel

/** Trains the linear counterpart and, starting from it, the ensemble. */
export async function trainTabularModel(tf: Tf, input: TabularModelInput): Promise<TabularModel> {
  const { prepared, outputs, refit, train } = input
  const examples = {
    rowCount: input.rowCount,
    encoded: prepared.encoded,
    width: encodedWidth(prepared.encoder),
    categories: prepared.categories,
    outputs,
  }
  const shape: TabularShape = {
    encoded: encodedWidth(prepared.encoder),
    linear: linearWidth(prepared.encoder),
    vocabularies: prepared.vocabularies.map((vocabulary) => vocabulary.length),
    hidden: input.hidden,
    outputs,
  }
  const past = refit ? input.past : train
  const fitOn = (fitOutput: FitLinear, { rows, targets }: Lesson): readonly LinearModel[] =>
    Array.from({ length: outputs }, (_, t) => fitOutput(columnOf(targets, outputs, t), rows, t))
  // Needed more than once: each is fitted once.
  const fitted = new Map<Lesson, readonly LinearModel[]>()
  const startOn = (lesson: Lesson): readonly LinearModel[] => {
    const known = fitted.get(lesson)
    if (known !== undefined) return known
    const models = fitOn(input.fitStart ?? input.fitLinear, lesson)
    fitted.set(lesson, models)
    return models
  }
  const effectsOf = categoryEffects(input, startOn(train))
  const linearStart = (lesson: Lesson): LinearStart => {
    const models = startOn(lesson)
    return asStart(models, effectsOf(models, lesson), shape)
  }
  const ensemble = await trainEnsemble(tf, { ...input, shape, examples, linearStart })
  const linear = input.fitStart === undefined ? startOn(past) : fitOn(input.fitLinear, past)
  const membersOf = (which: 'judged' | 'final'): readonly Parameters[] => ensemble[which]
  return {
    prepared,
    ensemble,
    predict: (which, rows) => predictEnsemble(tf, membersOf(which), examples, rows),
    predictLinear: (rows) => {
      const part = rowsOf(prepared.design, rows)
      return linear.map((model) => predictLinear(model, part))
    },
  }
}

/** Size of a field's one-hot block in the design; 0 for one that is left out. */
const oneHotWidth = (vocabulary: number): number => (vocabulary <= oneHotLimit ? vocabulary : 0)

function designOf(
  encoder: TabularEncoder,
  encoded: Float32Array,
  vocabularies: readonly (readonly string[])[],
  categories: readonly Int32Array[],
): Design {
  const numeric = linearWidth(encoder)
  const widths = vocabularies.map((vocabulary) => oneHotWidth(vocabulary.length))
  const width = widths.reduce((a, b) => a + b, numeric)
  const from = encodedWidth(encoder)
  const rowCount = from === 0 ? 0 : encoded.length / from
  const values = new Float32Array(rowCount * width)
  for (let i = 0; i < rowCount; i++) {
    values.set(encoded.subarray(i * from, i * from + numeric), i * width)
    let at = i * width + numeric
    widths.forEach((w, field) => {
      if (w > 0) values[at + categories[field]![i]!] = 1
      at += w
    })
  }
  return { values, width }
}

/** Effects per field, then output; undefined for a field that the linear model reads itself. */
type FieldEffects = readonly (readonly CategoryEffects[] | undefined)[]

/**
 * How to learn effects of the fields that the linear model leaves out, chosen on the validation rows.
 *
 * @param models the linear models of the training rows
 * @returns what learns them from some rows and the linear models of those
 */
function categoryEffects(
  { prepared, outputs, train, valid, fit }: TabularModelInput,
  models: readonly LinearModel[],
): (models: readonly LinearModel[], lesson: Lesson) => FieldEffects {
  const { design, vocabularies, categories } = prepared
  const unexplained = fit.kind === 'regression' ? unexplainedValues : unexplainedClasses
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

/** Takes the weights of linear models of `designOf` apart into the network's linear path and its biases per category; effects join those. */
function asStart(models: readonly LinearModel[], effects: FieldEffects, shape: TabularShape): LinearStart {
  const { linear, outputs } = shape
  const block = (at: number, rows: number): Float32Array => {
    const values = new Float32Array(rows * outputs)
    models.forEach((model, t) => {
      for (let i = 0; i < rows; i++) values[i * outputs + t] = model.weights[at + i]!
    })
    return values
  }
  let at = linear
  const biases = shape.vocabularies.map((vocabulary, field) => {
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
  return { skip: block(0, linear), intercept: Float32Array.from(models, (model) => model.intercept), biases }
}
