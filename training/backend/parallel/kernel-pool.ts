import os from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { AppError } from '../../../errors.ts'
import { openCompiledKernels } from '../compiled-kernels.ts'

/** A compiled file: `parallel` holds `simd/leaf-histograms.ts`, `simd/least-squares.ts`, `simd/neighbours.ts`, `simd/pairwise.ts` and `simd/sparse-products.ts`, `neu-mf` the file of its name. */
type KernelModule = 'parallel' | 'neu-mf'

type KernelName =
  | 'leafHistograms'
  | ('solveRows' | 'nearestRows' | 'pairwiseSteps' | 'sparseTimesDense' | 'gramRows')
  | ('neuMfProject' | 'neuMfPairs' | 'neuMfRows' | 'neuMfDense' | 'neuMfTranspose')
  | ('neuMfProjectItems' | 'neuMfScores')

/** A typed array of the pool's memory, and where it lies there: what kernels take. */
export interface Shared<A extends Float64Array | Float32Array | Int32Array | Uint8Array> {
  readonly values: A
  readonly at: number
}

export interface KernelRun {
  readonly kernel: KernelName
  /** Rows (or blocks) to work on: the kernel is called for [from, to) until all of 0 … count − 1 are done. */
  readonly count: number
  /** Rows of one call: small enough that the workers end together, large enough that calls cost nothing. */
  readonly chunk: number
  /** What the kernel takes after `(from, to, scratchAt)`. */
  readonly args: readonly number[]
}

type Kernels = Readonly<Record<KernelName, (from: number, to: number, scratchAt: number, ...args: number[]) => void>>

const pageBytes = 65_536
/** WebAssembly's 32-bit addresses: 4 GB. */
const maximumPages = 65_536
const alignment = 64
/** int32 by which workers agree on whose turn it is: the next row, how many have arrived at the end of a kernel, kernels ended. */
const turnWords = 3
/** A thread that also serves others works no longer than this without a turn of its event loop. */
const turnMs = 20
const workerFile = new URL('./kernel-worker.mjs', import.meta.url)

/**
 * SIMD kernels on every core over one shared memory.
 *
 * The arena only grows; `close()` gives all of it back. Every row is written by one worker from inputs that nobody writes meanwhile, so the
 * result does not depend on how many workers there are.
 */
export class KernelPool {
  readonly #memory: WebAssembly.Memory
  readonly #scratchAt: readonly number[]
  readonly #signal: AbortSignal | undefined
  readonly #workers: readonly Worker[]
  readonly #kernels: Kernels
  /** The first page holds the constants of the compiled code. */
  #used = pageBytes

  /**
   * @param threads      workers; 1 computes in this thread and starts none
   * @param scratchBytes memory of each worker's own
   * @param module       where the kernels are
   * @param signal       ends a run in the midst: the pool can only be closed then
   * @throws AppError INTERNAL when the compiled file is missing or was not built from the source beside it
   */
  static open(options: {
    readonly threads: number
    readonly scratchBytes: number
    readonly module?: KernelModule
    readonly signal?: AbortSignal
  }): KernelPool {
    return openCompiledKernels(options.module ?? 'parallel', (module) => new KernelPool(module, options))
  }

  private constructor(
    module: WebAssembly.Module,
    options: { readonly threads: number; readonly scratchBytes: number; readonly signal?: AbortSignal },
  ) {
    this.#signal = options.signal
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: maximumPages, shared: true })
    const turnAt = this.int32(turnWords).at
    this.#scratchAt = Array.from({ length: options.threads }, () => this.#allocate(options.scratchBytes))
    this.#kernels = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as Kernels
    this.#workers =
      options.threads === 1
        ? []
        : this.#scratchAt.map(
            (scratchAt) =>
              new Worker(workerFile, {
                workerData: { module, memory: this.#memory, turnAt, workers: options.threads, scratchAt },
                // Loaders of this process (tsx, a test runner) are of no use to plain JavaScript, and cost a second.
                execArgv: [],
              }),
          )
  }

  /** Zeros. @throws AppError TOO_LARGE beyond 4 GB in all */
  float32(length: number): Shared<Float32Array> {
    const at = this.#allocate(4 * length)
    return { at, values: new Float32Array(this.#memory.buffer, at, length) }
  }

  /** Zeros. @throws AppError TOO_LARGE beyond 4 GB in all */
  int32(length: number): Shared<Int32Array> {
    const at = this.#allocate(4 * length)
    return { at, values: new Int32Array(this.#memory.buffer, at, length) }
  }

  /** Zeros. @throws AppError TOO_LARGE beyond 4 GB in all */
  float64(length: number): Shared<Float64Array> {
    const at = this.#allocate(8 * length)
    return { at, values: new Float64Array(this.#memory.buffer, at, length) }
  }

  /** Zeros. @throws AppError TOO_LARGE beyond 4 GB in all */
  uint8(length: number): Shared<Uint8Array> {
    const at = this.#allocate(length)
    return { at, values: new Uint8Array(this.#memory.buffer, at, length) }
  }

  /** Runs a kernel over all rows in this thread. */
  runHere({ kernel, count, args }: KernelRun): void {
    this.#kernels[kernel](0, count, this.#scratchAt[0]!, ...args)
  }

  /**
   * Runs a kernel over all rows, on all workers.
   *
   * @throws AppError INTERNAL when a worker breaks down
   */
  async run(run: KernelRun): Promise<void> {
    await this.runAll([run])
  }

  /**
   * Runs kernels one after the other: each begins when all rows of the one before are done. In one message to the workers, who wait for
   * each other by themselves: for kernels of less than a millisecond.
   *
   * @throws AppError INTERNAL when a worker breaks down; the pool's signal's reason; the pool can only be closed then
   */
  async runAll(runs: readonly KernelRun[]): Promise<void> {
    if (this.#workers.length > 0) await Promise.all(this.#workers.map((worker) => answerOf(worker, runs, this.#signal)))
    else await this.#runInTurns(runs)
  }

  /** Ends the workers; the memory goes with the last array that lies in it. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  /** In this thread, which has other things to do as well: a signal is heard in between. */
  async #runInTurns(runs: readonly KernelRun[]): Promise<void> {
    let turnAt = performance.now()
    for (const { kernel, count, chunk, args } of runs) {
      for (let from = 0; from < count; from += chunk) {
        this.#kernels[kernel](from, Math.min(from + chunk, count), this.#scratchAt[0]!, ...args)
        if (performance.now() - turnAt < turnMs) continue
        await nextTurn()
        this.#signal?.throwIfAborted()
        turnAt = performance.now()
      }
    }
  }

  #allocate(bytes: number): number {
    const at = Math.ceil(this.#used / alignment) * alignment
    this.#used = at + bytes
    const pages = Math.ceil(this.#used / pageBytes)
    const have = this.#memory.buffer.byteLength / pageBytes
    if (pages > maximumPages) {
      throw new AppError(
        'TOO_LARGE',
        `The kernels' memory holds 4 GB; ${(this.#used / 2 ** 30).toFixed(1)} GB are wanted. Use fewer factors, or less data.`,
      )
    }
    if (pages > have) this.#memory.grow(pages - have)
    return at
  }
}

/** Cores that a fit may use: 1 where there is one, or where the work is over sooner than a worker has started. */
export const threadsFor = (operations: number): number => (operations < 5e7 ? 1 : os.availableParallelism())

function answerOf(worker: Worker, message: readonly KernelRun[], signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal?.removeEventListener('abort', stopped)
      worker.off('message', answered).off('error', failed).off('exit', left)
    }
    const answered = (): void => {
      settle()
      resolve()
    }
    const failed = (cause: unknown): void => {
      settle()
      const kernels = [...new Set(message.map(({ kernel }) => kernel))].join(', ')
      reject(new AppError('INTERNAL', `A worker broke down in ${kernels}: ${String(cause)}.`, { cause }))
    }
    const left = (code: number): void => failed(`it ended with code ${code}`)
    const stopped = (): void => {
      settle()
      reject(signal!.reason)
    }
    signal?.addEventListener('abort', stopped)
    worker.on('message', answered).on('error', failed).on('exit', left)
    worker.postMessage(message)
  })
}
