import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { FeatureTable } from '../datasets/content-table.ts'
import type { OutcomeName } from '../datasets/contents.ts'
import type { ConformalOffsets } from '../evaluation/conformal.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { describeTarget } from './engagement-targets.ts'
import { tabularGolden } from './tabular-golden.ts'

/** What the model reads and predicts, as `features.json` declares it. */
export const engagementFeatures = (
  table: FeatureTable,
  vocabularies: readonly (readonly string[])[],
  names: readonly OutcomeName[],
): TabularFeatures => ({
  numeric: [...table.numericFields],
  categorical: table.categoricalFields.map((field, i) => ({ ...field, vocabulary: [...vocabularies[i]!] })),
  targets: names.map(describeTarget),
  definition: '',
})

/** @param toLog the network's output in ln(1 + count), `[T][rows]` */
export function engagementGolden(
  table: FeatureTable,
  features: TabularFeatures,
  model: TabularModel,
  test: Int32Array,
  toLog: (output: Float32Array, rows: number) => Float64Array[],
  offsets: readonly ConformalOffsets[],
) {
  return tabularGolden(table, features, test, (rows) => {
    const logs = toLog(model.predict('final', rows), rows.length)
    const shape = [rows.length, logs.length]
    const counts = (shift: (t: number) => number) => ({
      shape,
      data: Float32Array.from({ length: rows.length * logs.length }, (_, at) => {
        const t = at % logs.length
        return Math.max(0, Math.expm1(logs[t]![Math.floor(at / logs.length)]! + shift(t)))
      }),
    })
    return {
      prediction: counts(() => 0),
      lower: counts((t) => offsets[t]!.lower),
      upper: counts((t) => offsets[t]!.upper),
    }
  })
}
