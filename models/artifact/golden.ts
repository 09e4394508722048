import { AppError } from '../../errors.ts'
import type { Tensor, Tensors } from '../scorer.ts'
import type { Golden, Manifest } from './manifest.ts'

/**
 * The golden batch as a scorer takes it: dtypes come from the manifest.
 *
 * @throws AppError ARTIFACT_INVALID when batch and manifest name different inputs
 */
export function goldenInputs(golden: Golden, manifest: Pick<Manifest, 'inputs'>): Tensors {
  const inputs: Record<string, Tensor> = {}
  for (const { name, dtype } of manifest.inputs) {
    const given = golden.inputs[name]
    if (given === undefined) throw new AppError('ARTIFACT_INVALID', missing('input', name, golden.inputs))
    inputs[name] = {
      shape: given.shape,
      data: dtype === 'int32' ? Int32Array.from(given.data) : Float32Array.from(given.data),
    }
  }
  return inputs
}

/**
 * Compares a runtime's outputs with the trainer's: |runtime − trainer| ≤ absolute + relative·|trainer|; NaN equals NaN only.
 *
 * @param where names the artifact in the error
 * @throws AppError ARTIFACT_INVALID naming the worst element
 */
export function checkGolden(golden: Golden, outputs: Tensors, where: string): void {
  for (const [name, expected] of Object.entries(golden.outputs)) {
    const got = outputs[name]
    if (got === undefined) throw new AppError('ARTIFACT_INVALID', `${where}: ${missing('output', name, outputs)}`)
    if (got.shape.join() !== expected.shape.join()) {
      throw new AppError(
        'ARTIFACT_INVALID',
        `${where}: output ${name} should have shape [${expected.shape.join(', ')}], got [${got.shape.join(', ')}]. Train it again.`,
      )
    }
    const worst = worstElement(expected.data, got.data, golden.tolerance)
    if (worst === undefined) continue
    throw new AppError(
      'ARTIFACT_INVALID',
      `${where}: the runtime does not reproduce the golden batch: ${name}[${worst}] should be ${expected.data[worst]}, got ${got.data[worst]}. Train it again; if it happens again, the export is wrong.`,
      { details: { output: name, element: worst, expected: expected.data[worst], got: got.data[worst] } },
    )
  }
}

function worstElement(
  expected: readonly number[],
  got: ArrayLike<number>,
  tolerance: Golden['tolerance'],
): number | undefined {
  let worst: number | undefined
  let worstExcess = 0
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i]!
    const g = got[i]!
    if (Object.is(e, g) || (Number.isNaN(e) && Number.isNaN(g))) continue
    const excess = Math.abs(g - e) - (tolerance.absolute + tolerance.relative * Math.abs(e))
    // A NaN on one side only is as wrong as it gets.
    if (Number.isNaN(excess)) return i
    if (excess > worstExcess) {
      worst = i
      worstExcess = excess
    }
  }
  return worst
}

const missing = (kind: string, name: string, given: object): string =>
  `expected ${kind} ${name}, got ${Object.keys(given).join(', ') || 'none'}. Train it again.`
