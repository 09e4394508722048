import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewEvent } from '../../../features/store/online-store.ts'
import { EventLog } from '../../../serving/events/event-log.ts'
import { replayEvents } from '../../../serving/events/replay-events.ts'

const noon = Date.parse('2026-03-11T12:00:00Z') / 1000
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'contentflow-events-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const event = (id: string, occurredAt = noon): NewEvent => ({
  eventId: id,
  userId: 'user-1',
  contentId: 'line\nbreak "quoted" 🎬',
  eventType: 'view',
  occurredAt,
  platform: 'youtube',
  watchSeconds: 1.5,
  completion: null,
  value: null,
})

async function replayed(occurredAfter: number, receivedSince = Number.POSITIVE_INFINITY): Promise<string[]> {
  const ids: string[] = []
  for await (const batch of replayEvents(dir, { occurredAfter, receivedSince }))
    ids.push(...batch.map(({ eventId }) => eventId))
  return ids
}

describe('EventLog', () => {
  it('writes one line of JSON per event into the file of the day', async () => {
    const log = new EventLog(dir, () => noon)
    await log.append([event('a'), event('b')])
    const text = await readFile(join(dir, '2026-03-11.ndjson'), 'utf8')
    expect(text.endsWith('\n')).toBe(true)
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { ...event('a'), receivedAt: noon },
      { ...event('b'), receivedAt: noon },
    ])
  })

  it('keeps a hundred appends at once whole, each exactly once', async () => {
    const log = new EventLog(dir, () => noon)
    await Promise.all(Array.from({ length: 100 }, (_, i) => log.append([event(`e${i}`), event(`f${i}`)])))
    const ids = await replayed(0)
    expect(ids).toHaveLength(200)
    expect(new Set(ids).size).toBe(200)
  })

  it('ends a line that a crash cut off, so that it spoils nothing else', async () => {
    const log = new EventLog(dir, () => noon)
    await log.append([event('before')])
    await appendFile(join(dir, '2026-03-11.ndjson'), '{"eventId":"cut off","user')
    await new EventLog(dir, () => noon).append([event('after')])
    expect(await replayed(0)).toEqual(['before', 'after'])
  })

  it('says so when the events cannot be written', async () => {
    await appendFile(join(dir, 'file'), '')
    const log = new EventLog(join(dir, 'file'), () => noon)
    await expect(log.append([event('a')])).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })
})

describe('replayEvents', () => {
  it('leaves out what occurred before, and does not open files of earlier days', async () => {
    await new EventLog(dir, () => noon - 3 * 86_400).append([event('old', noon - 3 * 86_400)])
    await new EventLog(dir, () => noon).append([event('early', noon - 7200), event('now')])
    expect(await replayed(noon - 3600)).toEqual(['now'])
    expect(await replayed(0)).toEqual(['old', 'early', 'now'])
  })

  it('brings an event that came late by when it was received', async () => {
    await new EventLog(dir, () => noon - 60).append([event('in the version', noon - 7200)])
    await new EventLog(dir, () => noon + 60).append([event('came late', noon - 7200)])
    expect(await replayed(noon)).toEqual([])
    expect(await replayed(noon, noon)).toEqual(['came late'])
  })

  it('takes a line of before the reception was noted as received when it happened', async () => {
    await appendFile(join(dir, '2026-03-11.ndjson'), `${JSON.stringify(event('old line'))}\n`)
    expect(await replayed(noon, noon + 1)).toEqual([])
    expect(await replayed(noon, noon)).toEqual(['old line'])
  })

  it('finds nothing where there is no folder', async () => {
    await rm(dir, { recursive: true })
    expect(await replayed(0)).toEqual([])
  })
})
