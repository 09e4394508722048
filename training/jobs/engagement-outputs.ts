import type { Tensor, Tensors } from '../../models/scorer.ts'
import type { ConformalOffsets } from '../evaluation/conformal.ts'

/**
 * What the exported graph makes of the network's output: counts or shares, and the ends of their intervals, row-major `[rows, T]`.
 *
 * @param learned predictions of ln(1 + count) or of the share, `[T][rows]`
 * @param counts  which targets are counts
 */
export function engagementOutputs(
  learned: readonly Float64Array[],
  counts: readonly boolean[],
  offsets: readonly ConformalOffsets[],
): Tensors {
  const rows = learned[0]!.length
  const values = (shift: (t: number) => number) => ({
    shape: [rows, learned.length],
    data: Float32Array.from({ length: rows * learned.length }, (_, at) => {
      const t = at % learned.length
      const value = learned[t]![Math.floor(at / learned.length)]! + shift(t)
      return Math.max(0, counts[t] ? Math.expm1(value) : value)
    }),
  })
  return {
    prediction: values(() => 0),
    lower: values((t) => offsets[t]!.lower),
    upper: values((t) => offsets[t]!.upper),
  }
}

/** ln(1 + count) of the first target of `prediction`, which is the headline; `[rows]`. */
export const headlineLogs = ({ shape, data }: Tensor): Float64Array =>
  Float64Array.from({ length: shape[0]! }, (_, row) => Math.log1p(data[row * shape[1]!]!))
