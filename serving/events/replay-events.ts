import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LoggedEvent } from './event-log.ts'

const batchSize = 1000

export interface Wanted {
  /** Events that happened later, seconds since 1970, UTC. */
  readonly occurredAfter: number
  /** And those received from then on, whenever they happened. */
  readonly receivedSince: number
}

/**
 * Reads logged events back, oldest file first; lines that were cut off by a crash are passed over. A file of a day before both moments
 * is not opened at all, as nothing is logged before it occurs (but for an hour of leeway of clocks).
 */
export async function* replayEvents(
  dir: string,
  { occurredAfter, receivedSince }: Wanted,
): AsyncIterable<readonly Required<LoggedEvent>[]> {
  const first = Math.min(occurredAfter, receivedSince) - 3600
  if (first === Number.POSITIVE_INFINITY) return
  const firstDay = first > 0 ? new Date(first * 1000).toISOString().slice(0, 10) : ''
  const files = (await readdir(dir).catch(() => []))
    .filter((name) => /^\d{4}-\d\d-\d\d\.ndjson$/.test(name) && name.slice(0, 10) >= firstDay)
    .sort()
  let batch: Required<LoggedEvent>[] = []
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(join(dir, file)), crlfDelay: Infinity })) {
      const event = parseLine(line)
      if (event === undefined) continue
      const { receivedAt = event.occurredAt } = event
      if (event.occurredAt <= occurredAfter && receivedAt < receivedSince) continue
      batch.push({ ...event, receivedAt })
      if (batch.length < batchSize) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

function parseLine(line: string): LoggedEvent | undefined {
  try {
    // Only whole lines parse, and only this service writes them.
    return JSON.parse(line) as LoggedEvent
  } catch {
    return undefined
  }
}
