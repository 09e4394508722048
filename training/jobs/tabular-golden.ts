import type { Golden, TensorSpec } from '../../models/artifact/manifest.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Tensors } from '../../models/scorer.ts'
import { type FeatureTable, tabularInputs } from '../datasets/content-table.ts'
import { makeGolden } from '../export/golden.ts'
import { spreadRows } from './spread-rows.ts'

/**
 * A golden batch of up to 16 rows spread over `rows`, missing values included.
 *
 * @param outputs what the trainer's own engine makes of the given rows of the table
 */
export function tabularGolden(
  table: FeatureTable,
  features: TabularFeatures,
  rows: Int32Array,
  outputs: (rows: Int32Array) => Tensors,
): Golden {
  const chosen = spreadRows(rows, 16)
  const inputs = Object.entries(tabularInputs(table, features, chosen)).map(([name, { shape, data }]) => [
    name,
    { shape: [...shape], data: [...data] },
  ])
  // Counts are exponentials: an error of 1e-4 in the logarithm is one of 1e-4 of the count.
  const golden = makeGolden({}, outputs(chosen), { absolute: 2e-3, relative: 2e-3 })
  return { ...golden, inputs: Object.fromEntries(inputs) as Golden['inputs'] }
}

/** What the network of a tabular model takes; see models/payloads/tabular.ts. */
export const tabularInputSpecs = (table: Pick<FeatureTable, 'numericFields' | 'categorical'>): TensorSpec[] => [
  { name: 'numeric', dtype: 'float32', shape: [-1, table.numericFields.length] },
  { name: 'categorical', dtype: 'int32', shape: [-1, table.categorical.length] },
]
