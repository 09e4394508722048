import { Worker } from 'node:worker_threads'
import { AppError, type ErrorCode } from '../../errors.ts'
import type { Tensors } from '../../models/scorer.ts'
import type { ScorerReply, ScorerRequest } from './scorer-worker.ts'

interface Waiting {
  readonly resolve: (outputs: Tensors) => void
  readonly reject: (error: Error) => void
}

/** A thread that runs long batches, so that they never hold up the event loop. It starts with the first batch. */
export class ScorerThread {
  #worker: Worker | undefined
  #nextId = 1
  readonly #waiting = new Map<number, Waiting>()

  /** @throws AppError as the scorer throws, or INTERNAL when the thread dies */
  score(artifactDir: string, inputs: Tensors): Promise<Tensors> {
    return this.#ask({ id: this.#nextId++, kind: 'score', artifactDir, inputs })
  }

  /** Releases the thread's session of an artifact, if it has one. */
  async release(artifactDir: string): Promise<void> {
    if (this.#worker !== undefined) await this.#ask({ id: this.#nextId++, kind: 'close', artifactDir })
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  #ask(request: ScorerRequest): Promise<Tensors> {
    this.#worker ??= this.#start()
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject })
      worker.ref()
      worker.postMessage(request)
    })
  }

  #start(): Worker {
    const worker = new Worker(new URL('./scorer-worker.mjs', import.meta.url))
    worker.on('message', (reply: ScorerReply) => {
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if (this.#waiting.size === 0) worker.unref()
      if ('error' in reply) waiting?.reject(new AppError(reply.error.code as ErrorCode, reply.error.message))
      else waiting?.resolve(reply.outputs)
    })
    const died = (reason: string): void => {
      if (this.#worker === worker) this.#worker = undefined
      for (const { reject } of this.#waiting.values()) {
        reject(new AppError('INTERNAL', `The scoring thread ended: ${reason}. The next batch starts a new one.`))
      }
      this.#waiting.clear()
    }
    worker.on('error', (error) => died(error.message))
    worker.on('exit', (code) => died(`exit code ${code}`))
    return worker
  }
}
