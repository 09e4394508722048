import type { SimdKernels } from '../simd-kernels.ts'
import { columnSums } from './column-sums.ts'
import { concatColumns, splitColumns } from './columns.ts'
import { gatherRows } from './gather.ts'
import { transposedMatMul } from './matmul.ts'
import { overrideKernel } from './override.ts'
import { unsortedSegmentSum } from './segment-sum.ts'

/** Gives the wasm backend the kernel without which it cannot train embeddings. */
export function registerMissingKernels(): void {
  overrideKernel('UnsortedSegmentSum', unsortedSegmentSum)
}

/** Puts faster kernels before the wasm backend's own; call once, after `setBackend('wasm')`. */
export function registerFasterKernels(simd: SimdKernels): void {
  overrideKernel('BatchMatMul', transposedMatMul(simd))
  overrideKernel('Sum', columnSums(simd))
  overrideKernel('GatherV2', gatherRows)
  overrideKernel('Concat', concatColumns)
  overrideKernel('SplitV', splitColumns)
}
