import type { FeatureView } from '../definitions/feature-view.ts'
import type { MutableMatrix } from './default-matrix.ts'
import type { ViewColumns } from './service-columns.ts'

/** The values of a view's category fields, by field; a row holds indices into them. */
export type Dictionaries = Readonly<Record<string, readonly string[]>>

/**
 * Copies one stored row into a row of a matrix.
 *
 * A stored row is little-endian Float32, one number per field of the view in order: a float32 itself, a category as the index of its
 * value in the field's dictionary, −1 for the default.
 *
 * @param positions index of each field in the view, by name: see `fieldPositions`
 */
export function unpackRow(
  bytes: Uint8Array,
  { numeric, categorical }: ViewColumns,
  positions: ReadonlyMap<string, number>,
  dictionaries: Dictionaries,
  matrix: MutableMatrix,
  row: number,
): void {
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  for (const { field, column } of numeric) {
    matrix.numeric[row * matrix.width + column] = values[positions.get(field.name)!]!
  }
  for (const { field, column } of categorical) {
    const value = dictionaries[field.name]?.[values[positions.get(field.name)!]!]
    if (value !== undefined) matrix.categorical[column]![row] = value
  }
}

export const fieldPositions = (view: FeatureView): ReadonlyMap<string, number> =>
  new Map(view.fields.map((field, index) => [field.name, index]))
