import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { AppError } from '../../errors.ts'
import type { FitState } from './tabular-fit.ts'
import type { Parameter, Parameters } from './tabular-network.ts'

/** A fit that is done. */
export interface FinishedFit {
  readonly parameters: Parameters
  readonly epochs: number
}

/** Where the training of an ensemble stands after an epoch. */
export interface Checkpoint {
  readonly finished: readonly FinishedFit[]
  readonly current: FitState | undefined
}

// The file: one line of JSON that describes the arrays, and then all arrays as float32, in that order.
interface Header {
  readonly fingerprint: string
  readonly finished: readonly { readonly epochs: number; readonly weights: readonly Entry[] }[]
  readonly current?: {
    readonly epoch: number
    readonly step: number
    readonly weights: readonly Entry[]
    readonly first: readonly Entry[]
    readonly second: readonly Entry[]
    readonly best?: { readonly epoch: number; readonly loss: number; readonly weights: readonly Entry[] }
  }
}

type Entry = readonly [name: string, shape: readonly number[]]

/**
 * Writes a checkpoint in one step: a kill leaves the previous one.
 *
 * @param fingerprint whatever must be the same for going on to make sense: configuration, seed, data
 */
export function writeCheckpoint(file: string, fingerprint: string, { finished, current }: Checkpoint): void {
  const arrays: Float32Array[] = []
  const weights = (parameters: Parameters): Entry[] =>
    [...parameters].map(([name, { shape, data }]) => {
      arrays.push(data)
      return [name, shape]
    })
  const moments = (map: ReadonlyMap<string, Float32Array>): Entry[] =>
    [...map].map(([name, data]) => {
      arrays.push(data)
      return [name, [data.length]]
    })
  const header: Header = {
    fingerprint,
    finished: finished.map((fit) => ({ epochs: fit.epochs, weights: weights(fit.parameters) })),
    ...(current !== undefined && {
      current: {
        epoch: current.epoch,
        step: current.optimiser.step,
        weights: weights(current.parameters),
        first: moments(current.optimiser.first),
        second: moments(current.optimiser.second),
        ...(current.best !== undefined && {
          best: { epoch: current.best.epoch, loss: current.best.loss, weights: weights(current.best.parameters) },
        }),
      },
    }),
  }
  const bytes = arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  writeFileSync(`${file}.part`, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...bytes]))
  renameSync(`${file}.part`, file)
}

/**
 * Reads a checkpoint.
 *
 * @returns undefined when there is none
 * @throws AppError CONFLICT when it belongs to another configuration, seed or data, or cannot be read
 */
export function readCheckpoint(file: string, fingerprint: string): Checkpoint | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const end = bytes.indexOf(10)
  let header: Header
  try {
    header = JSON.parse(bytes.subarray(0, end).toString()) as Header
  } catch (cause) {
    throw new AppError('CONFLICT', `The checkpoint ${file} cannot be read; train again without --resume.`, { cause })
  }
  if (header.fingerprint !== fingerprint) {
    throw new AppError(
      'CONFLICT',
      `The checkpoint ${file} belongs to another configuration, seed or data; train again without --resume.`,
    )
  }
  let at = end + 1
  const take = (shape: readonly number[]): Float32Array => {
    const length = shape.reduce((a, b) => a * b, 1)
    const data = new Float32Array(length)
    new Uint8Array(data.buffer).set(bytes.subarray(at, at + 4 * length))
    at += 4 * length
    return data
  }
  const weights = (entries: readonly Entry[]): Map<string, Parameter> =>
    new Map(entries.map(([name, shape]) => [name, { shape, data: take(shape) }]))
  const moments = (entries: readonly Entry[]): Map<string, Float32Array> =>
    new Map(entries.map(([name, shape]) => [name, take(shape)]))
  const finished = header.finished.map((fit) => ({ epochs: fit.epochs, parameters: weights(fit.weights) }))
  const { current } = header
  if (current === undefined) return { finished, current: undefined }
  const parameters = weights(current.weights)
  const optimiser = { step: current.step, first: moments(current.first), second: moments(current.second) }
  const { best } = current
  return {
    finished,
    current: {
      epoch: current.epoch,
      parameters,
      optimiser,
      best: best === undefined ? undefined : { epoch: best.epoch, loss: best.loss, parameters: weights(best.weights) },
    },
  }
}
