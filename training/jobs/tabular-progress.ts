import { createHash } from 'node:crypto'
import { describeSplit, type TimeSplit } from '../datasets/time-split.ts'
import type { JobContext } from './job.ts'

/** Tells the tracker what the parts of the split are. */
export function trackParts(tracker: JobContext['tracker'], split: TimeSplit, examples = 'contents'): void {
  const parts = { training: split.train, validation: split.valid, test: split.test } as const
  for (const [name, rows] of Object.entries(parts)) {
    const digest = createHash('sha256')
      .update(`${describeSplit(split)} ${name}`)
      .digest('hex')
      .slice(0, 16)
    tracker.dataset(`${examples}-${name}`, name as keyof typeof parts, rows.length, digest)
  }
}
