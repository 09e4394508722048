import type { FeatureService } from '../definitions/feature-view.ts'

/** A matrix that is being filled; every value starts at its field's default. */
export interface MutableMatrix {
  readonly rowCount: number
  /** Number of float32 fields: the row length of `numeric`. */
  readonly width: number
  readonly numeric: Float32Array
  readonly categorical: string[][]
  missing: number
  stale: number
}

/** The features of `rowCount` entities of which nothing is known. */
export function defaultMatrix(service: FeatureService, rowCount: number): MutableMatrix {
  const fields = service.fields.map(({ field }) => field)
  const defaults = Float32Array.from(fields.flatMap((field) => (field.dtype === 'float32' ? [field.default] : [])))
  const numeric = new Float32Array(rowCount * defaults.length)
  for (let i = 0; i < rowCount; i++) numeric.set(defaults, i * defaults.length)
  const categorical = fields.flatMap((field) =>
    field.dtype === 'category' ? [new Array<string>(rowCount).fill(field.default)] : [],
  )
  return { rowCount, width: defaults.length, numeric, categorical, missing: 0, stale: 0 }
}
