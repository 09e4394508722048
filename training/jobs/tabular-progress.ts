import { createHash } from 'node:crypto'
import { describeSplit, type TimeSplit } from '../datasets/time-split.ts'
import type { EnsembleInput } from '../networks/tabular-ensemble.ts'
import type { JobContext } from './job.ts'

/** Shows each epoch as progress and tracks its losses; a fit that ends early jumps ahead. */
export function epochReporter(context: JobContext, name: string, epochs: number): EnsembleInput['onEpoch'] {
  return ({ fit, fits, epoch, trainLoss, validLoss }) => {
    const note = Number.isNaN(validLoss) ? `loss ${trainLoss.toFixed(4)}` : `validation loss ${validLoss.toFixed(4)}`
    context.progress.update(`${name} network ${fit + 1}/${fits}`, epoch, epochs, note)
    const losses = Number.isNaN(validLoss)
      ? { 'train/loss': trainLoss }
      : { 'train/loss': trainLoss, 'val/loss': validLoss }
    context.tracker.metrics(losses, fit * epochs + epoch)
  }
}

/** Tells the tracker what the parts of the split are. */
export function trackParts(tracker: JobContext['tracker'], split: TimeSplit): void {
  const parts = { training: split.train, validation: split.valid, test: split.test } as const
  for (const [name, rows] of Object.entries(parts)) {
    const digest = createHash('sha256')
      .update(`${describeSplit(split)} ${name}`)
      .digest('hex')
      .slice(0, 16)
    tracker.dataset(`contents-${name}`, name as keyof typeof parts, rows.length, digest)
  }
}
