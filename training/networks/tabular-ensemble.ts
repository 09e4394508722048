import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createRandom } from '../backend/random.ts'
import { type FinishedFit, readCheckpoint, writeCheckpoint } from './tabular-checkpoint.ts'
import {
  type FitState,
  fitTabular,
  predictTabular,
  type TabularExamples,
  type TabularFitOptions,
} from './tabular-fit.ts'
import {
  createTabularParameters,
  type LinearStart,
  type Parameters,
  type TabularShape,
  type Tf,
} from './tabular-network.ts'

/** What a fit learns from. */
export interface Lesson {
  readonly rows: Int32Array
  /** `[rowCount, outputs]`: standardised values, or 1 and 0 for a classifier; NaN = not known at that time */
  readonly targets: Float32Array
}

export interface EnsembleInput {
  readonly shape: TabularShape
  readonly examples: Omit<TabularExamples, 'targets'>
  readonly train: Lesson
  /** Rows for early stopping; `train.targets` holds their targets too. */
  readonly valid: Int32Array
  /** Training and validation rows, for the refit. */
  readonly past: Lesson
  /** The linear model fitted on the given rows. */
  readonly linearStart: (lesson: Lesson) => LinearStart
  readonly fit: TabularFitOptions
  /** Networks that differ in their seeds and whose outputs are averaged. */
  readonly members: number
  /** Whether the final networks are fitted again on training and validation rows, for as many epochs as validation found best. */
  readonly refit: boolean
  readonly seed: number
  readonly signal: AbortSignal
  readonly workDir: string
  readonly resume: boolean
  readonly onEpoch: (stage: {
    readonly fit: number
    readonly fits: number
    readonly epoch: number
    readonly trainLoss: number
    readonly validLoss: number
  }) => void
}

export interface TabularEnsemble {
  /** Fitted on the training rows alone: what intervals and calibration are measured with on the validation rows. */
  readonly judged: readonly Parameters[]
  /** What is exported. */
  readonly final: readonly Parameters[]
  /** Best epoch of each member, 0 = the linear start. */
  readonly epochs: readonly number[]
}

/**
 * Trains an ensemble; after each epoch a checkpoint goes to `workDir`, and with `resume` training goes on from it to the same
 * weights as without interruption.
 *
 * @throws AppError CONFLICT when the checkpoint belongs to something else
 * @throws AbortError when `signal` aborts; the checkpoint of the last finished epoch stays
 */
export async function trainEnsemble(tf: Tf, input: EnsembleInput): Promise<TabularEnsemble> {
  const { members, refit, train, valid, past } = input
  const file = join(input.workDir, 'checkpoint.bin')
  const fingerprint = fingerprintOf(input)
  const saved = input.resume ? readCheckpoint(file, fingerprint) : undefined
  const finished: FinishedFit[] = [...(saved?.finished ?? [])]
  let current: FitState | undefined = saved?.current
  const fits = refit ? 2 * members : members
  const starts = new Map<Lesson, LinearStart>()
  for (let f = finished.length; f < fits; f++) {
    const again = f >= members
    const lesson = again ? past : train
    if (!starts.has(lesson)) starts.set(lesson, input.linearStart(lesson))
    // A member and its refit start from the same random weights and draw the same streams.
    const random = createRandom(input.seed).fork(`member-${f % members}`)
    const result = await fitTabular(tf, current ?? createTabularParameters(input.shape, starts.get(lesson)!, random), {
      examples: { ...input.examples, targets: lesson.targets },
      train: lesson.rows,
      valid: again ? undefined : valid,
      options: again ? { ...input.fit, epochs: finished[f - members]!.epochs } : input.fit,
      random,
      signal: input.signal,
      onEpoch: (state, trainLoss, validLoss) => {
        writeCheckpoint(file, fingerprint, { finished, current: state })
        input.onEpoch({ fit: f, fits, epoch: state.epoch, trainLoss, validLoss })
      },
    })
    finished.push(result)
    current = undefined
    writeCheckpoint(file, fingerprint, { finished, current })
  }
  const parameters = finished.map((fit) => fit.parameters)
  return {
    judged: parameters.slice(0, members),
    final: parameters.slice(refit ? members : 0),
    epochs: finished.slice(0, members).map((fit) => fit.epochs),
  }
}

/** Mean output of the members; `[rows, outputs]`, row-major. */
export function predictEnsemble(
  tf: Tf,
  members: readonly Parameters[],
  examples: Pick<TabularExamples, 'encoded' | 'width' | 'categories' | 'outputs'>,
  rows: Int32Array,
): Float32Array {
  const mean = new Float32Array(rows.length * examples.outputs)
  for (const member of members) {
    const output = predictTabular(tf, member, examples, rows)
    for (let i = 0; i < mean.length; i++) mean[i]! += output[i]! / members.length
  }
  return mean
}

function fingerprintOf({ shape, examples, train, valid, past, fit, members, refit, seed }: EnsembleInput): string {
  const hash = createHash('sha256')
  const rows = [train.rows.length, valid.length, past.rows.length]
  hash.update(JSON.stringify([shape, fit, members, refit, seed, examples.rowCount, rows]))
  for (const array of [examples.encoded, train.targets, past.targets, ...examples.categories]) {
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  }
  return hash.digest('hex')
}
