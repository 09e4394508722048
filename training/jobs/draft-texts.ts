import type { TextEncoder } from '../../features/transforms/text-encoder.ts'
import { type TabularFeatures, textFields } from '../../models/payloads/tabular.ts'
import type { FeatureTable } from '../datasets/content-table.ts'
import { withTextColumns } from '../networks/text-columns.ts'
import type { JobContext } from './job.ts'

/** A table whose texts are numbers among its numeric features, and what made them; undefined where the texts say nothing. */
export interface TableWithTexts {
  readonly table: FeatureTable
  readonly texts: DraftTextEncoder | undefined
}

interface DraftTextEncoder {
  readonly fields: NonNullable<TabularFeatures['texts']>['fields']
  readonly encoder: TextEncoder
}

/**
 * Reads the titles, descriptions and tags of a table.
 *
 * @param target `[rowCount]`, what they are to foretell: see `withTextColumns`
 */
export async function withDraftTexts(
  table: FeatureTable,
  kind: 'regression' | 'classification',
  target: ArrayLike<number>,
  train: Int32Array,
  { seed, signal, log }: Pick<JobContext, 'seed' | 'signal' | 'log'>,
  directions: number,
): Promise<TableWithTexts> {
  const fields = textFields.filter((field) => table.texts[field].some((text) => text !== ''))
  if (fields.length === 0) return { table, texts: undefined }
  const columns = fields.map((field) => table.texts[field])
  const { table: wide, encoder } = await withTextColumns(table, columns, kind, target, train, {
    directions,
    seed,
    signal,
  })
  if (encoder.vocabulary.idf.length === 0) {
    log.info({ fields }, 'texts are not read: no word stands in several of them')
    return { table, texts: undefined }
  }
  const of = `of the words of ${fields.join(', ')}`
  const names = Array.from({ length: encoder.width }, (_, i) =>
    i === 0
      ? { name: 'text_value', unit: 'value', description: `what the outcome owes to the presence ${of}` }
      : { name: `text_direction_${i}`, unit: 'direction', description: `direction ${i} of the variance ${of}` },
  )
  const numericFields = [...table.numericFields, ...names.map((field) => ({ ...field, source: 'text' as const }))]
  return { table: { ...wide, numericFields }, texts: { fields, encoder } }
}

/** As `features.json` declares them. */
export const declaredTexts = (texts: DraftTextEncoder | undefined): TabularFeatures['texts'] =>
  texts === undefined
    ? null
    : {
        fields: texts.fields,
        terms: texts.encoder.vocabulary.terms.map((names) => [...names]),
        idf: [...texts.encoder.vocabulary.idf],
      }
