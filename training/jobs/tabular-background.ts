import { textEncoding } from '../../features/transforms/text-encoder.ts'
import { backgroundArrays, type TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Tensor } from '../../models/scorer.ts'
import { tabularInputs } from '../datasets/content-table.ts'
import type { TableWithTexts } from './draft-texts.ts'
import { spreadRows } from './spread-rows.ts'

/** More of them make an explanation slower, fewer make it depend on which they are. */
const most = 32

/**
 * Contents that the service explains predictions against.
 *
 * @param rows those to choose from, ascending in time; of the validation part, whose texts the encoder has not learned from: they look
 *             to the model as new ones do
 */
export function tabularBackground(
  { table, texts }: TableWithTexts,
  features: TabularFeatures,
  rows: Int32Array,
): Readonly<Record<string, Tensor>> {
  const chosen = spreadRows(rows, most)
  const { numeric, categorical } = tabularInputs(table, features, chosen)
  const fields = texts?.fields ?? []
  const width = texts?.encoder.width ?? 0
  const parts = new Float32Array(chosen.length * fields.length * width)
  for (const [at, field] of fields.entries()) {
    const alone = fields.map((other) => Array.from(chosen, (row) => (other === field ? table.texts[other][row]! : '')))
    const encoded = textEncoding(texts!.encoder)(alone)
    for (let i = 0; i < chosen.length; i++) {
      parts.set(encoded.subarray(i * width, (i + 1) * width), (i * fields.length + at) * width)
    }
  }
  return {
    [backgroundArrays.numeric]: numeric,
    [backgroundArrays.categorical]: categorical,
    [backgroundArrays.texts]: { shape: [chosen.length, fields.length, width], data: parts },
  }
}
