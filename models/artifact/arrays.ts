import { AppError } from '../../errors.ts'
import type { Tensor } from '../scorer.ts'

export type ArrayDtype = 'float32' | 'int32'

const bytesPerElement = 4
const littleEndianHost = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

export const dtypeOf = (data: Tensor['data']): ArrayDtype => (data instanceof Float32Array ? 'float32' : 'int32')

/** The number of elements of a shape; 1 for a scalar. */
const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/**
 * Little-endian, row-major bytes of a tensor.
 *
 * @param name only for the error
 * @throws AppError ARTIFACT_INVALID when the shape does not describe as many elements as there are
 */
export function encodeArray(name: string, { shape, data }: Tensor): Uint8Array {
  if (elementCount(shape) !== data.length) {
    throw new AppError(
      'ARTIFACT_INVALID',
      `Array ${name} has shape [${shape.join(', ')}], which is ${elementCount(shape)} elements, but holds ${data.length}. Fix the job that makes it.`,
    )
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return littleEndianHost ? bytes : swapped(bytes)
}

/**
 * The tensor of such bytes, in memory of its own.
 *
 * @param name only for the error
 * @throws AppError ARTIFACT_INVALID when the bytes are not exactly those of the shape
 */
export function decodeArray(name: string, bytes: Uint8Array, dtype: ArrayDtype, shape: readonly number[]): Tensor {
  const expected = elementCount(shape) * bytesPerElement
  if (bytes.byteLength !== expected) {
    throw new AppError(
      'ARTIFACT_INVALID',
      `Array ${name}: expected ${expected} bytes for shape [${shape.join(', ')}], got ${bytes.byteLength}. Fetch or train this version again.`,
    )
  }
  const own = littleEndianHost ? bytes.slice() : swapped(bytes)
  return { shape, data: dtype === 'float32' ? new Float32Array(own.buffer) : new Int32Array(own.buffer) }
}

function swapped(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes)
  for (let at = 0; at < copy.length; at += bytesPerElement) copy.subarray(at, at + bytesPerElement).reverse()
  return copy
}
