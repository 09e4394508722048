import type { Tensor, Tensors } from '../../models/scorer.ts'
import type { IntervalEnds } from '../evaluation/interval-score.ts'

/**
 * What the exported graph makes of the network's output: counts or shares, and the ends of their intervals, row-major `[rows, T]`.
 *
 * @param learned predictions of ln(1 + count) or of the share, `[T][rows]`
 * @param counts  which targets are counts
 * @param ends    of the intervals, as learned, `[T][rows]`
 */
export function engagementOutputs(
  learned: readonly Float64Array[],
  counts: readonly boolean[],
  ends: readonly IntervalEnds[],
): Tensors {
  const rows = learned[0]!.length
  const values = (of: (t: number) => ArrayLike<number>) => ({
    shape: [rows, learned.length],
    data: Float32Array.from({ length: rows * learned.length }, (_, at) => {
      const t = at % learned.length
      const value = of(t)[Math.floor(at / learned.length)]!
      return Math.max(0, counts[t] ? Math.expm1(value) : value)
    }),
  })
  return {
    prediction: values((t) => learned[t]!),
    lower: values((t) => ends[t]!.lower),
    upper: values((t) => ends[t]!.upper),
  }
}

/** ln(1 + count) of the first target of `prediction`, which is the headline; `[rows]`. */
export const headlineLogs = ({ shape, data }: Tensor): Float64Array =>
  Float64Array.from({ length: shape[0]! }, (_, row) => Math.log1p(data[row * shape[1]!]!))
