import type { SimdKernels } from '../simd-kernels.ts'
import { heapView, type Kernel } from './override.ts'

/** Sum of a float matrix over its rows, a bias's gradient: stock wasm first transposes the matrix. Other axes stay with the stock kernel. */
export function columnSums(simd: SimdKernels): Kernel {
  return ({ inputs, attributes, backend }) => {
    const x = inputs.x!
    const axes = [attributes.axis].flat()
    if (x.shape.length !== 2 || x.dtype !== 'float32' || axes.length !== 1 || axes[0] !== 0) return undefined
    const [rows, columns] = x.shape as [number, number]
    if (columns % 4 !== 0) return undefined
    const out = backend.makeOutput(attributes.keepDims === true ? [1, columns] : [columns], 'float32')
    heapView(backend, out).fill(0)
    simd.addColumnSums(backend.getMemoryOffset(x.dataId), backend.getMemoryOffset(out.dataId), rows, columns)
    return out
  }
}
