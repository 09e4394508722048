import type { Tensor } from '../../models/scorer.ts'

/** What an output `[rows, T]` says of the first target, which is the headline; `[rows]`. */
export const firstColumn = ({ shape, data }: Tensor): Float64Array =>
  Float64Array.from({ length: shape[0]! }, (_, row) => data[row * shape[1]!]!)
