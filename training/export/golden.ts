import { AppError } from '../../errors.ts'
import type { Golden } from '../../models/artifact/manifest.ts'
import type { Tensors } from '../../models/scorer.ts'

/**
 * The proof an artifact carries: a batch, the trainer's own outputs for it, and how far a runtime may be from them.
 *
 * @param inputs  a small batch (8–64 rows) that covers the odd cases: first and last index, unknown values (NaN where the model takes it)
 * @param outputs what the trainer's engine, not the exported file, makes of it
 * @throws AppError INTERNAL when an output is not finite: no runtime could be held to it
 */
export function makeGolden(
  inputs: Tensors,
  outputs: Tensors,
  tolerance: Golden['tolerance'] = { absolute: 1e-4, relative: 1e-4 },
): Golden {
  return { inputs: plain(inputs, Number.isNaN), outputs: plain(outputs, () => false), tolerance }
}

function plain(tensors: Tensors, mayBe: (value: number) => boolean): Golden['inputs'] {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const bad = data.findIndex((value) => !Number.isFinite(value) && !mayBe(value))
      if (bad >= 0) {
        throw new AppError('INTERNAL', `Golden batch: ${name}[${bad}] is ${data[bad]}; expected finite numbers only.`)
      }
      return [name, { shape: [...shape], data: [...data] }]
    }),
  )
}
