import type { FitEnvironment } from '../families/family.ts'
import { type CheckpointHeader, readCheckpoint, writeCheckpoint } from './training-checkpoint.ts'

/** What epochs are chosen by. */
export interface EpochValidation<Of extends readonly unknown[] = []> {
  /** What the tracker calls it. */
  readonly metric: string
  readonly higherIsBetter: boolean
  readonly judge: (...of: Of) => Promise<number>
}

/** A training that goes on epoch by epoch. */
export interface EpochTraining {
  /** What must be equal for a checkpoint to be gone on from. */
  readonly identity: CheckpointHeader['identity']
  /** Everything that the next epoch depends on, the steps apart; a checkpoint is read into them. */
  readonly state: readonly Float32Array[]
  /** Of these the best are kept: the averaged weights. */
  readonly averages: readonly Float32Array[]
  /** Steps of the optimiser so far. */
  readonly steps: () => number
  readonly restoreSteps: (steps: number) => void
  /** @returns the loss, mean over the epoch */
  readonly trainEpoch: (epoch: number) => Promise<number>
  /** Judges the averages; absent for a fixed number of epochs. */
  readonly validation?: EpochValidation | undefined
}

export interface EpochLimits {
  /** Most epochs. */
  readonly epochs: number
  /** Epochs without a better validation before it stops. */
  readonly patience: number
}

/** Where a training says how far it is and keeps its state. */
type EpochEnvironment = Pick<FitEnvironment, 'log' | 'progress' | 'label' | 'checkpointFile' | 'resume' | 'onEpoch'>

interface EpochRecord {
  readonly epoch: number
  readonly loss: number
  /** What validation said; null without one. */
  readonly validation: number | null
}

export interface TrainedEpochs {
  /** The averages of the best epoch, or of the last one without validation. */
  readonly best: readonly Float32Array[]
  readonly bestEpoch: number
  readonly history: readonly EpochRecord[]
}

/**
 * Trains until validation has not improved for `patience` epochs, or for all epochs; after each the state is in the checkpoint. Interrupted
 * and resumed, it ends as if it had not been.
 */
export async function trainEpochs(
  training: EpochTraining,
  limits: EpochLimits,
  { log, progress, label, checkpointFile, resume, onEpoch }: EpochEnvironment,
): Promise<TrainedEpochs> {
  const { averages, identity, validation } = training
  const best = averages.map((values) => Float32Array.from(values))
  const state = [...training.state, ...best]
  const history: EpochRecord[] = []
  let bestEpoch = 0
  if (resume === true && checkpointFile !== undefined) {
    const saved = await readCheckpoint(checkpointFile, identity, state)
    if (saved === undefined) log.info({ checkpointFile }, 'nothing to resume; training from the start')
    else {
      history.push(...saved.history)
      bestEpoch = saved.bestEpoch
      training.restoreSteps(saved.steps)
      log.info({ epoch: history.length }, 'resumed after the last finished epoch')
    }
  }
  const impatient = (): boolean => validation !== undefined && history.length - bestEpoch >= limits.patience
  while (history.length < limits.epochs && !impatient()) {
    const epoch = history.length + 1
    const loss = await training.trainEpoch(epoch)
    const judged = (await validation?.judge()) ?? null
    const isBest = judged === null || isBetter(judged, history[bestEpoch - 1]?.validation, validation!)
    history.push({ epoch, loss, validation: judged })
    onEpoch?.(epoch, { 'train/loss': loss, ...(judged !== null && { [validation!.metric]: judged }) })
    if (isBest) {
      bestEpoch = epoch
      for (const [i, values] of averages.entries()) best[i]!.set(values)
    }
    if (checkpointFile !== undefined) {
      await writeCheckpoint(checkpointFile, { identity, history, bestEpoch, steps: training.steps() }, state)
    }
  }
  progress.done(label, `${history.length} epochs, best ${bestEpoch}`)
  return { best, bestEpoch, history }
}

const isBetter = (
  judged: number,
  best: number | null | undefined,
  { higherIsBetter }: Pick<EpochValidation, 'higherIsBetter'>,
): boolean => best == null || (higherIsBetter ? judged > best : judged < best)
