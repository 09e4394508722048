import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { MetricsLine } from './local-run.ts'

/**
 * The whole lines of a run's metrics.ndjson from a byte offset on.
 *
 * @returns the lines, and the offset behind the last of them; a line that is still being written is left for next time
 */
export function readMetrics(dir: string, offset: number): { readonly lines: MetricsLine[]; readonly end: number } {
  const path = join(dir, 'metrics.ndjson')
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size <= offset) return { lines: [], end: offset }
  const bytes = Buffer.alloc(size - offset)
  const file = openSync(path, 'r')
  try {
    readSync(file, bytes, 0, bytes.length, offset)
  } finally {
    closeSync(file)
  }
  const whole = bytes.lastIndexOf(0x0a) + 1
  const lines: MetricsLine[] = []
  for (const line of bytes.subarray(0, whole).toString().split('\n')) {
    if (line === '') continue
    try {
      lines.push(JSON.parse(line) as MetricsLine)
    } catch {
      // A kill in the middle of a write: the next attempt of the run went on behind it.
    }
  }
  return { lines, end: offset + whole }
}
