import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import { getKernel, type TensorInfo } from '@tensorflow/tfjs-core'
import type { SimdKernels } from '../simd-kernels.ts'
import { heapView, isTrue, type Kernel, sizeOf } from './override.ts'

type MatMul = (a: TensorInfo, b: TensorInfo) => TensorInfo

/**
 * BatchMatMul with transposed operands, the two shapes of a dense layer's backward pass.
 *
 * Stock wasm multiplies transposed operands element by element, 10–20 times slower than XNNPACK multiplies plain ones. So
 * dX = dY·Wᵀ transposes W first, and dW = Xᵀ·dY goes through a SIMD kernel, or transposes the wider operand: XNNPACK packs its
 * right operand anew in each call, and the narrower one is the cheaper to pack.
 */
export function transposedMatMul(simd: SimdKernels): Kernel {
  const stock = getKernel('BatchMatMul', 'wasm').kernelFunc
  return ({ inputs, attributes, backend }) => {
    const a = inputs.a!
    const b = inputs.b!
    const transposeA = isTrue(attributes.transposeA)
    const transposeB = isTrue(attributes.transposeB)
    if (!transposeA && !transposeB) return undefined
    if (sizeOf(a.shape.slice(0, -2)) !== 1 || sizeOf(b.shape.slice(0, -2)) !== 1) return undefined
    const multiply: MatMul = (left, right) =>
      stock({
        inputs: { a: left, b: right },
        backend,
        attrs: { transposeA: false, transposeB: false },
      }) as TensorInfo

    if (transposeA && !transposeB) {
      return simdGradient(simd, backend, a, b) ?? weightGradient(backend, a, b, multiply)
    }
    const left = transposeA ? transpose(backend, a) : a
    const right = transposeB ? transpose(backend, b) : b
    const product = multiply(left, right)
    if (left !== a) backend.disposeData(left.dataId)
    if (right !== b) backend.disposeData(right.dataId)
    return product
  }
}

/** aᵀ·b by a SIMD kernel where its tiles fit: 4 rows and 8 columns, or a single column. */
function simdGradient(simd: SimdKernels, backend: BackendWasm, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  const [rows, width] = matrixShape(a)
  const [, columns] = matrixShape(b)
  const single = columns === 1 && width % 4 === 0
  if (!single && (rows % 4 !== 0 || columns % 8 !== 0)) return undefined
  const out = backend.makeOutput([...a.shape.slice(0, -2), width, columns], 'float32')
  heapView(backend, out).fill(0)
  const [aAt, bAt, outAt] = [a, b, out].map(({ dataId }) => backend.getMemoryOffset(dataId)) as [number, number, number]
  if (single) simd.addWeightedRows(aAt, bAt, outAt, rows, width)
  else simd.addTransposedProduct(aAt, bAt, outAt, rows, width, columns)
  return out
}

/** aᵀ·b, keeping the narrower operand on the right. */
function weightGradient(backend: BackendWasm, a: TensorInfo, b: TensorInfo, multiply: MatMul): TensorInfo {
  const [, width] = matrixShape(a)
  const [, columns] = matrixShape(b)
  const turned = transpose(backend, columns > width ? b : a)
  const product = multiply(turned, columns > width ? a : b)
  backend.disposeData(turned.dataId)
  if (columns <= width) return product
  const result = transpose(backend, product)
  backend.disposeData(product.dataId)
  return result
}

const tile = 16

/** Swaps the last two axes of a matrix, in tiles that stay in the cache. */
function transpose(backend: BackendWasm, tensor: TensorInfo): TensorInfo {
  const [rows, columns] = matrixShape(tensor)
  const out = backend.makeOutput([...tensor.shape.slice(0, -2), columns, rows], tensor.dtype)
  const to = heapView(backend, out)
  const from = heapView(backend, tensor)
  for (let start = 0; start < rows; start += tile) {
    const end = Math.min(rows, start + tile)
    for (let column = 0; column < columns; column++) {
      for (let row = start; row < end; row++) to[column * rows + row] = from[row * columns + column]!
    }
  }
  return out
}

const matrixShape = ({ shape }: TensorInfo): [rows: number, columns: number] => [shape.at(-2)!, shape.at(-1)!]
