import { readFile } from 'node:fs/promises'
import { AppError } from '../../errors.ts'

/** The functions of `simd/kernels.ts`; every `…At` is a byte offset into the memory they were opened on. */
export interface SimdKernels {
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
export async function openSimdKernels(memory: WebAssembly.Memory): Promise<SimdKernels> {
  const file = new URL('./simd/kernels.wasm', import.meta.url)
  try {
    const { instance } = await WebAssembly.instantiate(await readFile(file), { env: { memory } })
    return instance.exports as unknown as SimdKernels
  } catch (cause) {
    throw new AppError('INTERNAL', `Cannot load ${file.pathname}; build it with \`npm run build:simd\`.`, { cause })
  }
}
