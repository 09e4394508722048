/** Mean and standard deviation of one target. */
export interface Scale {
  readonly mean: number
  readonly sd: number
}

/** @param rows those that count; NaN values do not. A target that does not vary has sd 1. */
export function standardScale(values: Float64Array, rows: Int32Array): Scale {
  const known = Array.from(rows, (row) => values[row]!).filter((value) => !Number.isNaN(value))
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length
  return { mean, sd: Math.sqrt(variance) || 1 }
}

/** @returns `[rows, T]`, row-major */
export function standardise(logs: readonly Float64Array[], scaling: readonly Scale[]): Float32Array {
  const width = logs.length
  const result = new Float32Array(logs[0]!.length * width)
  logs.forEach((values, t) => {
    values.forEach((value, i) => {
      result[i * width + t] = (value - scaling[t]!.mean) / scaling[t]!.sd
    })
  })
  return result
}

/** Column t of row-major `[rows, T]`. */
export const columnOf = (values: Float32Array, width: number, t: number): Float64Array =>
  Float64Array.from({ length: values.length / width }, (_, i) => values[i * width + t]!)

/** Columns `[T][rows]` as row-major `[rows, T]`. */
export const besideColumns = (columns: readonly Float64Array[]): Float32Array =>
  Float32Array.from(
    { length: columns.length * columns[0]!.length },
    (_, i) => columns[i % columns.length]![Math.floor(i / columns.length)]!,
  )
