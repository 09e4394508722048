import { openCompiledKernels } from './compiled-kernels.ts'

/** The functions of `simd/kernels.ts`; every `…At` is a byte offset into the memory they were opened on. */
export type SimdKernels = {
  /** g [width, columns] += xᵀ [rows, width] · d [rows, columns]; rows a multiple of 4, columns of 8. */
  addTransposedProduct(xAt: number, dAt: number, gAt: number, rows: number, width: number, columns: number): void
  /** g [width] += Σ weight [rows] · x [rows, width]; width a multiple of 4. */
  addWeightedRows(xAt: number, weightAt: number, gAt: number, rows: number, width: number): void
  /** g [width] += Σ x [rows, width]; width a multiple of 4. */
  addColumnSums(xAt: number, gAt: number, rows: number, width: number): void
}

/**
 * Links the compiled SIMD kernels to a WebAssembly memory.
 *
 * @throws AppError INTERNAL when the compiled file is missing or was not built from the source beside it
 */
export const openSimdKernels = (memory: WebAssembly.Memory): SimdKernels =>
  openCompiledKernels(
    'kernels',
    (module) => new WebAssembly.Instance(module, { env: { memory } }).exports as SimdKernels,
  )
