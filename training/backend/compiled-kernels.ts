import { readFileSync } from 'node:fs'
import { AppError } from '../../errors.ts'

/** The compiled files of `simd/`, by name. */
type KernelFile = 'kernels' | 'parallel' | 'packed-rows' | 'neu-mf'

/**
 * Compiles a file of kernels and hands it to whoever links it to a memory.
 *
 * @throws AppError INTERNAL when the file is missing, or was not built from the source beside it; what `link` refuses as an AppError
 */
export function openCompiledKernels<T>(name: KernelFile, link: (module: WebAssembly.Module) => T): T {
  const file = new URL(`./simd/${name}.wasm`, import.meta.url)
  try {
    return link(new WebAssembly.Module(readFileSync(file)))
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('INTERNAL', `Cannot load ${file.pathname}; build it with \`npm run build:simd\`.`, { cause })
  }
}
