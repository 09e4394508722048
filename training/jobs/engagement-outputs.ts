import type { Tensors } from '../../models/scorer.ts'
import type { ConformalOffsets } from '../evaluation/conformal.ts'

/**
 * What the exported graph makes of the network's output: counts and the ends of their intervals, row-major `[rows, T]`.
 *
 * @param logs predictions of ln(1 + count), `[T][rows]`
 */
export function engagementOutputs(logs: readonly Float64Array[], offsets: readonly ConformalOffsets[]): Tensors {
  const rows = logs[0]!.length
  const counts = (shift: (t: number) => number) => ({
    shape: [rows, logs.length],
    data: Float32Array.from({ length: rows * logs.length }, (_, at) => {
      const t = at % logs.length
      return Math.max(0, Math.expm1(logs[t]![Math.floor(at / logs.length)]! + shift(t)))
    }),
  })
  return {
    prediction: counts(() => 0),
    lower: counts((t) => offsets[t]!.lower),
    upper: counts((t) => offsets[t]!.upper),
  }
}
