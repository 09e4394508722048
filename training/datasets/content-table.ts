import type { FeatureService } from '../../features/definitions/feature-view.ts'
import type { OfflineStore } from '../../features/store/offline-store.ts'
import {
  draftCategoricalFields,
  draftColumnFeatures,
  draftNumericFields,
} from '../../features/transforms/draft-features.ts'
import type { TabularFeatures, textFields } from '../../models/payloads/tabular.ts'
import type { ContentOutcomes } from './contents.ts'
import type { TabularColumns } from './tabular-columns.ts'

type NumericField = TabularFeatures['numeric'][number]
type CategoricalField = Omit<TabularFeatures['categorical'][number], 'vocabulary'>

/** Features of n examples in raw units, field by field as the payload declares them. */
export interface FeatureTable extends TabularColumns {
  readonly numericFields: readonly NumericField[]
  readonly categoricalFields: readonly CategoricalField[]
  readonly texts: DraftTexts
}

/** `[rowCount]` each, `''` = none */
export type DraftTexts = Readonly<Record<(typeof textFields)[number], readonly string[]>>

/**
 * What was known of each content when it was published: its creator's features at that moment, and the content itself.
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function contentTable(
  contents: ContentOutcomes,
  offline: OfflineStore,
  service: FeatureService,
): Promise<FeatureTable> {
  const { rowCount } = contents
  const store = await offline.historicalFeatures(service, {
    rowCount,
    at: contents.publishedAt,
    creator: contents.creatorId,
  })
  const draft = draftColumnFeatures({ ...contents, plannedAt: contents.publishedAt })
  const storeNumeric = service.fields.filter(({ field }) => field.dtype === 'float32').map(({ field }) => field)
  const storeCategorical = service.fields.filter(({ field }) => field.dtype === 'category').map(({ field }) => field)
  return {
    rowCount,
    featureCount: storeNumeric.length + draftNumericFields.length,
    numericFields: [
      ...storeNumeric.map(({ name, unit, description }) => ({ name, source: 'store' as const, unit, description })),
      ...draftNumericFields.map((field) => ({ ...field, source: 'draft' as const })),
    ],
    numeric: besideEachOther(
      rowCount,
      [store.numeric, storeNumeric.length],
      [draft.numeric, draftNumericFields.length],
    ),
    categoricalFields: [
      ...storeCategorical.map(({ name, description }) => ({ name, source: 'store' as const, description })),
      ...draftCategoricalFields.map(({ name, description }) => ({ name, source: 'draft' as const, description })),
    ],
    categorical: [...store.categorical, ...draft.categorical],
    texts: { title: contents.title, description: contents.description, tags: contents.tags },
  }
}

/** Joins row-major matrices `[rowCount, width]` column-wise. */
export function besideEachOther(
  rowCount: number,
  ...parts: readonly (readonly [Float32Array, number])[]
): Float32Array {
  const width = parts.reduce((sum, [, w]) => sum + w, 0)
  const joined = new Float32Array(rowCount * width)
  let at = 0
  for (const [values, w] of parts) {
    for (let i = 0; i < rowCount; i++) joined.set(values.subarray(i * w, (i + 1) * w), i * width + at)
    at += w
  }
  return joined
}

/**
 * The inputs of a tabular model, this one or another of the same kind, for some rows of a table.
 *
 * @param features what the model's payload declares; a numeric field that the table lacks is NaN, a categorical one unknown
 * @param texts    `[rows, W]`: what another model's encoder makes of the texts; by default the table's own numbers
 */
export function tabularInputs(table: FeatureTable, features: TabularFeatures, rows: Int32Array, texts?: Float32Array) {
  const textNames = features.numeric.filter(({ source }) => source === 'text').map(({ name }) => name)
  const numeric = new Float32Array(rows.length * features.numeric.length).fill(Number.NaN)
  features.numeric.forEach(({ name, source }, to) => {
    if (source === 'text' && texts !== undefined) {
      const from = textNames.indexOf(name)
      for (let i = 0; i < rows.length; i++) {
        numeric[i * features.numeric.length + to] = texts[i * textNames.length + from]!
      }
      return
    }
    const from = table.numericFields.findIndex((field) => field.name === name && field.source === source)
    if (from < 0) return
    rows.forEach((row, i) => {
      numeric[i * features.numeric.length + to] = table.numeric[row * table.numericFields.length + from]!
    })
  })
  const categorical = new Int32Array(rows.length * features.categorical.length)
  features.categorical.forEach(({ name, source, vocabulary }, to) => {
    const from = table.categoricalFields.findIndex((field) => field.name === name && field.source === source)
    if (from < 0) return
    const index = new Map(vocabulary.map((value, i) => [value, i]))
    rows.forEach((row, i) => {
      categorical[i * features.categorical.length + to] = index.get(table.categorical[from]![row]!) ?? 0
    })
  })
  return {
    numeric: { shape: [rows.length, features.numeric.length], data: numeric },
    categorical: { shape: [rows.length, features.categorical.length], data: categorical },
  }
}
