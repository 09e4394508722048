import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { type BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
// The gradients of the ops come with this package, not with tfjs-core.
import '@tensorflow/tfjs-layers'
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { registerFasterKernels, registerMissingKernels } from './kernels/register.ts'
import { openSimdKernels } from './simd-kernels.ts'

export type TfBackendName = 'wasm' | 'native'

/** An opened TF.js, ready to train. */
export interface TfBackend {
  readonly tf: typeof tf
  readonly name: TfBackendName
  /** Why this one, for the log and the manifest. */
  readonly reason: string
}

/**
 * Opens the TF.js backend to train on, once per process, and logs which and why.
 *
 * - `wasm`   the default: TF.js on WebAssembly with our own kernels for what it lacks
 * - `native` libtensorflow through the optional `@tensorflow/tfjs-node` (`npm run setup:native`)
 * - `auto`   native where it loads, else wasm, with the reason in the log
 *
 * @throws AppError CONFIG_INVALID when `native` is asked for and does not load
 */
export async function openBackend(options: {
  readonly prefer: TfBackendName | 'auto'
  readonly log: Logger
}): Promise<TfBackend> {
  const opened = await open(options.prefer)
  options.log.info({ backend: opened.name, reason: opened.reason }, 'TF.js backend')
  return opened
}

async function open(prefer: TfBackendName | 'auto'): Promise<TfBackend> {
  if (prefer === 'wasm') return openWasm('the default; TFJS_BACKEND=auto tries the native backend first')
  const problem = await loadNative()
  if (problem === undefined)
    return { tf, name: 'native', reason: `TFJS_BACKEND=${prefer} and @tensorflow/tfjs-node loads` }
  if (prefer === 'auto') return openWasm(`@tensorflow/tfjs-node does not load: ${problem}`)
  throw new AppError(
    'CONFIG_INVALID',
    `TFJS_BACKEND is native, but @tensorflow/tfjs-node does not load: ${problem}. Run \`npm run setup:native\`, or leave TFJS_BACKEND at wasm.`,
  )
}

/** @returns what went wrong, or undefined when the native backend is in use */
async function loadNative(): Promise<string | undefined> {
  try {
    // A missing addon throws a plain error without a code, so any error counts.
    createRequire(import.meta.url)('@tensorflow/tfjs-node')
    if (!(await tf.setBackend('tensorflow'))) return 'TF.js refused it'
    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return message.split('\n')[0]!
  }
}

/**
 * TF.js wasm as it comes, with the one kernel of ours without which it cannot train embeddings: the reference of benchmarks.
 * A later `openBackend` adds the others.
 */
export async function openStockWasm(): Promise<TfBackend> {
  await startWasm()
  registerMissingKernels()
  return { tf, name: 'wasm', reason: 'stock, for comparison' }
}

let wasmReady: Promise<void> | undefined

async function openWasm(reason: string): Promise<TfBackend> {
  wasmReady ??= startWasm().then(addKernels)
  await wasmReady
  // Another backend may have been in use since.
  await tf.setBackend('wasm')
  return { tf, name: 'wasm', reason }
}

function addKernels(): void {
  registerMissingKernels()
  registerFasterKernels(openSimdKernels(memoryOf(tf.backend() as BackendWasm)))
}

async function startWasm(): Promise<void> {
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(join(dirname(main), sep))
  if (!(await tf.setBackend('wasm'))) {
    throw new AppError('INTERNAL', 'The TF.js wasm backend does not start; this Node may lack WebAssembly SIMD.')
  }
  await tf.ready()
}

/** The backend's heap, which emscripten exports without declaring it. */
function memoryOf(backend: BackendWasm): WebAssembly.Memory {
  const module = backend.wasm as unknown as { readonly asm?: { readonly memory?: unknown } }
  const memory = module.asm?.memory
  if (memory instanceof WebAssembly.Memory) return memory
  throw new AppError('INTERNAL', 'This version of @tensorflow/tfjs-backend-wasm does not show its memory; use 4.22.')
}
