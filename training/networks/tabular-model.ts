import { encode, fitVocabulary } from '../../features/transforms/vocabulary.ts'
import type { TabularColumns } from '../datasets/tabular-columns.ts'
import { type Design, type LinearModel, predictLinear } from '../estimators/design.ts'
import { rowsOf } from '../estimators/ridge.ts'
import { columnOf } from '../estimators/standard-scale.ts'
import type { FitEnvironment } from '../families/family.ts'
import type { TabularExamples } from './tabular-batches.ts'
import { encodedWidth, encodeTabular, fitTabularEncoder, linearWidth, type TabularEncoder } from './tabular-encoder.ts'
import type { TabularShape } from './tabular-network.ts'
import { categoryEffects, type LinearStart, oneHotWidth, startOf } from './tabular-start.ts'
import {
  blendTrees,
  learnTrees,
  type OutputTrees,
  type TabularTrees,
  type TreeOptions,
  treeBins,
  treeShares,
} from './tabular-trees.ts'
import type { Parameters } from './train-network.ts'
import { openTabularScorer, type TabularTrainingOptions, trainTabular } from './train-tabular.ts'

const rarest = 5

/** A table made ready for a tabular network and for its linear counterpart. */
export interface PreparedTable {
  readonly rowCount: number
  readonly encoder: TabularEncoder
  /** Per categorical field; `[0]` is the unknown value. */
  readonly vocabularies: readonly (readonly string[])[]
  /** `[rowCount, F]`, raw units, NaN = missing */
  readonly numeric: Float32Array
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
  const design = designOf(table.rowCount, encoder, encoded, vocabularies, categories)
  const { rowCount, numeric } = table
  return { rowCount, encoder, vocabularies, numeric, encoded, categories, design }
}

/** What a fit learns from. */
export interface Lesson {
  readonly rows: Int32Array
  /** `[rowCount, outputs]`: standardised values, or 1 and 0 for a classifier; NaN = not known at that time */
  readonly targets: Float32Array
}

/** A trained network, the linear part that it starts from, and the trees beside it. */
interface FittedTabular {
  readonly parameters: Parameters
  readonly start: LinearStart
  /** Undefined where there are none. */
  readonly trees: TabularTrees | undefined
}

export interface TabularModel {
  readonly prepared: PreparedTable
  readonly shape: TabularShape
  /** What is exported. */
  readonly network: FittedTabular
  /** Best epoch of the network; 0 = the linear start. */
  readonly epochs: number
  /** Output of the model fitted on training rows alone, or of the final one; `[rows, T]`, row-major. */
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
  readonly trees: TreeOptions
  readonly train: Lesson
  /** Rows for early stopping; `train.targets` holds their targets too. */
  readonly valid: Int32Array
  /** Training and validation rows, for the refit. */
  readonly past: Lesson
  /** Whether the final model is fitted again on training and validation rows, for as many epochs and trees as validation found best. */
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
 * Trains the linear counterpart, the network that starts from it, and the trees beside it.
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
  const bins = input.trees.trees === 0 ? undefined : treeBins(prepared, train.rows)
  /**
   * Fits network and trees on a lesson, and says what they make of every row.
   *
   * @param before a fit whose epochs and numbers of trees are taken; without one, the validation rows choose
   */
  const learn = async (
    lesson: Lesson,
    models: readonly LinearModel[],
    before: { readonly epochs: number; readonly trees: readonly OutputTrees[] | undefined } | undefined,
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
    const { parameters, epochs } = await trainTabular(
      { examples, rows: lesson.rows, start, valid: before ? undefined : input.valid },
      shape,
      scorer,
      { ...input.training, ...(before && { epochs: before.epochs }) },
      its,
    )
    const output = await scorer.score(parameters, examples, everyRow)
    const trees = bins && (await learnTrees({ ...input, bins, start, lesson, stop: before?.trees ?? input.valid }, its))
    return { parameters, epochs, start, output, trees }
  }
  try {
    const judged = await learn(train, startModels, undefined, environment)
    const pastModels = refit ? await fitOn(input.fitStart ?? input.fitLinear, past) : startModels
    const { label, checkpointFile } = environment
    const final = refit
      ? await learn(past, pastModels, judged, {
          ...environment,
          label: `${label}, again`,
          // Behind those of the fit before.
          onEpoch: (epoch, figures) => environment.onEpoch?.(input.training.epochs + epoch, figures),
          ...(checkpointFile !== undefined && { checkpointFile: `${checkpointFile}.refit` }),
        })
      : judged
    const linear = input.fitStart === undefined ? pastModels : await fitOn(input.fitLinear, refit ? past : train)
    const shares = judged.trees && treeShares(judged.output, judged.trees, input)
    const treesOf = ({ trees }: typeof final): TabularTrees | undefined =>
      trees && shares && bins && { edges: bins.edges, outputs: trees, shares }
    const values = {
      judged: blendTrees(judged.output, treesOf(judged)),
      final: blendTrees(final.output, treesOf(final)),
    }
    return {
      prepared,
      shape,
      network: { parameters: final.parameters, start: final.start, trees: treesOf(final) },
      epochs: judged.epochs,
      predict: (which, rows) => rowsOf({ values: values[which], width: outputs }, rows).values,
      predictLinear: (rows) => {
        const part = rowsOf(prepared.design, rows)
        return linear.map((model) => predictLinear(model, part))
      },
    }
  } finally {
    await scorer.close()
  }
}

function designOf(
  rowCount: number,
  encoder: TabularEncoder,
  encoded: Float32Array,
  vocabularies: readonly (readonly string[])[],
  categories: readonly Int32Array[],
): Design {
  const numeric = linearWidth(encoder)
  const widths = vocabularies.map((vocabulary) => oneHotWidth(vocabulary.length))
  const width = widths.reduce((a, b) => a + b, numeric)
  const from = encodedWidth(encoder)
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
