import type { SimdKernels } from '../simd-kernels.ts'
import { columnSums } from './column-sums.ts'
import { concatColumns, splitColumns } from './columns.ts'
import { gatherRows } from './gather.ts'
import { transposedMatMul } from './matmul.ts'
import { overrideKernel } from './override.ts'
import { unsortedSegmentSum } from './segment-sum.ts'

/** Gives the wasm backend the kernels it lacks or runs slowly; call once, after `setBackend('wasm')`. */
export function registerKernels(simd: SimdKernels): void {
  overrideKernel('UnsortedSegmentSum', unsortedSegmentSum)
  overrideKernel('BatchMatMul', transposedMatMul(simd))
  overrideKernel('Sum', columnSums(simd))
  overrideKernel('GatherV2', gatherRows)
  overrideKernel('Concat', concatColumns)
  overrideKernel('SplitV', splitColumns)
}
