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
import type { FitEnvironment } from '../families/family.ts'
import type { TabularExamples } from './tabular-batches.ts'
import { encodedWidth, encodeTabular, fitTabularEncoder, linearWidth, type TabularEncoder } from './tabular-encoder.ts'
import type { TabularShape } from './tabular-network.ts'
import type { Parameters } from './train-network.ts'
import { openTabularScorer, type TabularTrainingOptions, trainTabular } from './train-tabular.ts'

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

/** What a fit learns from. */
interface Lesson {
  readonly rows: Int32Array
  /** `[rowCount, outputs]`: standardised values, or 1 and 0 for a classifier; NaN = not known at that time */
  readonly targets: Float32Array
}

/** A trained network with the linear part that it starts from. */
interface FittedTabular {
  readonly parameters: Parameters
  /** `[linearWidth, T]`, row-major */
  readonly skip: Float32Array
  /** `[T]` */
  readonly intercept: Float32Array
}

export interface TabularModel {
  readonly prepared: PreparedTable
  readonly shape: TabularShape
  /** What is exported. */
  readonly network: FittedTabular
  /** Best epoch; 0 = the linear start. */
  readonly epochs: number
  /** Output of the network fitted on training rows alone, or of the final one; `[rows, T]`, row-major. */
  readonly predict: (which: 'judged' | 'final', rows: Int32Array) => Float32Array
  /** The linear counterpart fitted on training and, with `refit`, validation rows; `[T][rows]`. */
  readonly predictLinear: (rows: Int32Array) => readonly Float64Array[]
}

export interface TabularModelInput {
  readonly prepared: PreparedTable
  readonly rowCount: number
  readonly outputs: number
  readonly kind: 'regression' | 'classification'
  readonly hidden: number
  readonly members: number
  readonly training: TabularTrainingOptions
  readonly train: Lesson
  /** Rows for early stopping; `train.targets` holds their targets too. */
  readonly valid: Int32Array
  /** Training and validation rows, for the refit. */
  readonly past: Lesson
  /** Whether the final network is fitted again on training and validation rows, for as many epochs as validation found best. */
  readonly refit: boolean
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
type FitLinear = (target: Float64Array, rows: Int32Array, t: number) => LinearModel | Promise<LinearModel>

/**
 * Trains the linear counterpart and, starting from it, the network.
 *
 * @param environment its checkpoint file gets `.refit` behind it for the second fit
 */
export async function trainTabularModel(input: TabularModelInput, environment: FitEnvironment): Promise<TabularModel> {
  const { prepared, outputs, refit, train, past } = input
  const shape: TabularShape = {
    encoded: encodedWidth(prepared.encoder),
    vocabularies: prepared.vocabularies.map((vocabulary) => vocabulary.length),
    hidden: input.hidden,
    members: input.members,
    outputs,
  }
  const fitOn = async (fitOutput: FitLinear, { rows, targets }: Lesson): Promise<readonly LinearModel[]> => {
    const models: LinearModel[] = []
    for (let t = 0; t < outputs; t++) models.push(await fitOutput(columnOf(targets, outputs, t), rows, t))
    return models
  }
  const startModels = await fitOn(input.fitStart ?? input.fitLinear, train)
  const effectsOf = categoryEffects(input, startModels)
  const scorer = await openTabularScorer(shape)
  const everyRow = Int32Array.from({ length: input.rowCount }, (_, row) => row)
  /** Trains on a lesson, and says what the network makes of every row. */
  const learn = async (
    lesson: Lesson,
    models: readonly LinearModel[],
    valid: Int32Array | undefined,
    epochs: number,
    its: FitEnvironment,
  ) => {
    const start = startOf(models, effectsOf(models, lesson), prepared, outputs)
    const examples: TabularExamples = {
      encoded: prepared.encoded,
      categories: prepared.categories,
      start: start.values,
      targets: lesson.targets,
      kind: input.kind,
    }
    const trained = await trainTabular(
      { examples, rows: lesson.rows, start, valid },
      shape,
      scorer,
      { ...input.training, epochs },
      its,
    )
    const output = await scorer.score(trained.parameters, examples, everyRow)
    return { ...trained, output, skip: start.skip, intercept: start.intercept }
  }
  try {
    const label = environment.label
    const judged = await learn(train, startModels, input.valid, input.training.epochs, environment)
    const pastModels = refit ? await fitOn(input.fitStart ?? input.fitLinear, past) : startModels
    const { checkpointFile } = environment
    const final = refit
      ? await learn(past, pastModels, undefined, judged.epochs, {
          ...environment,
          label: `${label}, again`,
          // Behind those of the fit before.
          onEpoch: (epoch, figures) => environment.onEpoch?.(input.training.epochs + epoch, figures),
          ...(checkpointFile !== undefined && { checkpointFile: `${checkpointFile}.refit` }),
        })
      : judged
    const linear = input.fitStart === undefined ? pastModels : await fitOn(input.fitLinear, refit ? past : train)
    return {
      prepared,
      shape,
      network: { parameters: final.parameters, skip: final.skip, intercept: final.intercept },
      epochs: judged.epochs,
      predict: (which, rows) =>
        rowsOf({ values: (which === 'judged' ? judged : final).output, width: outputs }, rows).values,
      predictLinear: (rows) => {
        const part = rowsOf(prepared.design, rows)
        return linear.map((model) => predictLinear(model, part))
      },
    }
  } finally {
    await scorer.close()
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
function startOf(models: readonly LinearModel[], effects: FieldEffects, prepared: PreparedTable, outputs: number) {
  const { encoder, encoded, vocabularies } = prepared
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
  return { biases, skip, intercept, values: linearPart(encoded, encodedWidth(encoder), linear, skip, intercept) }
}

/** x[:, :L]·skip + intercept, `[rows, T]`. */
function linearPart(
  encoded: Float32Array,
  width: number,
  linear: number,
  skip: Float32Array,
  intercept: Float32Array,
): Float32Array {
  const outputs = intercept.length
  const rows = width === 0 ? 0 : encoded.length / width
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
