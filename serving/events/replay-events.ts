import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { NewEvent } from '../../features/store/online-store.ts'

const batchSize = 1000

/**
 * Reads logged events back, oldest file first; lines that were cut off by a crash are passed over.
 *
 * @param since events that occurred earlier are left out, seconds since 1970, UTC; a file of an earlier day is not opened at all,
 *              as nothing is logged before it occurs (but for an hour of leeway of clocks)
 */
export async function* replayEvents(dir: string, since: number): AsyncIterable<readonly NewEvent[]> {
  const firstDay = new Date((since - 3600) * 1000).toISOString().slice(0, 10)
  const files = (await readdir(dir).catch(() => []))
    .filter((name) => /^\d{4}-\d\d-\d\d\.ndjson$/.test(name) && name.slice(0, 10) >= firstDay)
    .sort()
  let batch: NewEvent[] = []
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(join(dir, file)), crlfDelay: Infinity })) {
      const event = parseLine(line)
      if (event === undefined || event.occurredAt < since) continue
      batch.push(event)
      if (batch.length < batchSize) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

function parseLine(line: string): NewEvent | undefined {
  try {
    // Only whole lines parse, and only this service writes them.
    return JSON.parse(line) as NewEvent
  } catch {
    return undefined
  }
}
