import type { FeatureMatrix } from '../../features/definitions/feature-matrix.ts'
import { type Draft, draftFeatures } from '../../features/transforms/draft-features.ts'
import type { TabularPayload } from '../runtime/loaded-model.ts'

/** What a tabular model is asked about: n drafts, what is known of their creators, and their first counts. */
export interface TabularExamples {
  readonly drafts: readonly Draft[]
  /** One row for each of the distinct creators. */
  readonly creators: FeatureMatrix
  /** `[n]`: row of the draft's creator. */
  readonly creatorRow: Int32Array
  /** By field name; what is missing counts as not known. */
  readonly early: readonly Readonly<Record<string, number>>[]
}

/** The network's inputs, row-major. */
export interface TabularInputs {
  readonly rowCount: number
  /** `[n, F]`, NaN = not given. */
  readonly numeric: Float32Array
  /** `[n, C]`, 0 = a value that the model does not know. */
  readonly categorical: Int32Array
}

/** The inputs for n drafts, filled column by column. */
export function tabularInputs(payload: TabularPayload, examples: TabularExamples): TabularInputs {
  const { drafts, creators, creatorRow, early } = examples
  const rowCount = drafts.length
  const computed = draftFeatures(drafts)
  const texts = payload.encodeTexts?.(drafts) ?? new Float32Array(0)
  const width = payload.numeric.length
  const numeric = new Float32Array(rowCount * width)
  const fill = (column: number, values: ArrayLike<number>, its: number, at: number, rowOf?: Int32Array): void => {
    for (let i = 0; i < rowCount; i++) numeric[i * width + column] = values[(rowOf?.[i] ?? i) * its + at]!
  }
  for (const [column, { source, at }] of payload.columns.numeric.entries()) {
    if (source === 'draft') fill(column, computed.numeric, computed.numeric.length / rowCount, at)
    else if (source === 'text') fill(column, texts, texts.length / rowCount, at)
    else if (source === 'store') {
      fill(column, creators.numeric, creators.numeric.length / creators.rowCount, at, creatorRow)
    } else {
      const { name } = payload.numeric[column]!
      for (let i = 0; i < rowCount; i++) numeric[i * width + column] = early[i]![name] ?? Number.NaN
    }
  }
  const fields = payload.categorical.length
  const categorical = new Int32Array(rowCount * fields)
  for (const [column, { source, at }] of payload.columns.categorical.entries()) {
    const index = payload.vocabularyIndex[column]!
    const values = source === 'draft' ? computed.categorical[at]! : creators.categorical[at]!
    for (let i = 0; i < rowCount; i++) {
      categorical[i * fields + column] = index.get(values[source === 'draft' ? i : creatorRow[i]!]!) ?? 0
    }
  }
  return { rowCount, numeric, categorical }
}

/** As the network takes them. */
export const inputTensors = ({ rowCount, numeric, categorical }: TabularInputs) => ({
  numeric: { shape: [rowCount, numeric.length / rowCount], data: numeric },
  categorical: { shape: [rowCount, categorical.length / rowCount], data: categorical },
})

/**
 * The inputs for some rows of a matrix, of a model whose every field comes from the store.
 *
 * @param features of the model's own service
 */
export function storeInputs(
  { columns, vocabularyIndex }: TabularPayload,
  features: FeatureMatrix,
  rows: Int32Array,
): TabularInputs {
  const from = features.numeric.length / features.rowCount
  const [width, fields] = [columns.numeric.length, columns.categorical.length]
  const numeric = new Float32Array(rows.length * width)
  const categorical = new Int32Array(rows.length * fields)
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < width; j++) numeric[i * width + j] = features.numeric[row * from + columns.numeric[j]!.at]!
    for (let j = 0; j < fields; j++) {
      categorical[i * fields + j] =
        vocabularyIndex[j]!.get(features.categorical[columns.categorical[j]!.at]![row]!) ?? 0
    }
  }
  return { rowCount: rows.length, numeric, categorical }
}
