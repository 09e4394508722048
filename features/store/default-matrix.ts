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

interface Defaults {
  readonly numeric: Float32Array
  readonly categorical: readonly string[]
}

/** A service's fields do not change, and every request needs their defaults. */
const known = new WeakMap<FeatureService, Defaults>()

/** The features of `rowCount` entities of which nothing is known. */
export function defaultMatrix(service: FeatureService, rowCount: number): MutableMatrix {
  const { numeric: row, categorical } = defaultsOf(service)
  const numeric = new Float32Array(rowCount * row.length)
  for (let i = 0; i < rowCount; i++) numeric.set(row, i * row.length)
  return {
    rowCount,
    width: row.length,
    numeric,
    categorical: categorical.map((value) => new Array<string>(rowCount).fill(value)),
    missing: 0,
    stale: 0,
  }
}

function defaultsOf(service: FeatureService): Defaults {
  const before = known.get(service)
  if (before !== undefined) return before
  const fields = service.fields.map(({ field }) => field)
  const defaults = {
    numeric: Float32Array.from(fields.flatMap((field) => (field.dtype === 'float32' ? [field.default] : []))),
    categorical: fields.flatMap((field) => (field.dtype === 'category' ? [field.default] : [])),
  }
  known.set(service, defaults)
  return defaults
}
