import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { writeMeta } from '../../../features/sources/warehouse-tables.ts'
import { importEvents } from '../../../pipelines/import/events.ts'
import { createImportWorld, type ImportWorld } from '../../support/import-world.ts'
import { hostileIds, writeSmallWorld } from '../../support/small-world.ts'

let world: ImportWorld
beforeEach(async () => {
  world = await createImportWorld()
  await writeSmallWorld(world.warehouse)
})
afterEach(() => world.remove())

const event = (eventId: string, more: object = {}): string =>
  JSON.stringify({
    eventId,
    userId: 'visitor',
    contentId: hostileIds.content,
    eventType: 'view',
    occurredAt: 1772352000.25,
    platform: 'youtube',
    watchSeconds: 12,
    completion: null,
    value: null,
    ...more,
  })

describe('importEvents', () => {
  it('events of the service, imported twice, stand once', async () => {
    await world.file('events/a.ndjson', `${event('n1')}\n${event('n1')}\n`)
    await world.file(
      'events/b.ndjson',
      `${event('n2', { userId: hostileIds.user })}\n${event('n1')}\n{"eventId":"n3","use`,
    )
    const folder = join(world.folder, 'events')
    expect(await importEvents(world.context, folder)).toMatchObject({
      read: 5,
      written: 2,
      unchanged: 2, // n1 once more in each file
      rejected: 1,
    })
    expect(await importEvents(world.context, folder)).toMatchObject({ written: 0, unchanged: 4, rejected: 1 })
    expect(
      await world.rows(
        `select event_id, user_id, occurred_at, watch_seconds from fct_interactions where event_id like 'n%' order by 1`,
      ),
    ).toEqual([
      { event_id: 'n1', user_id: 'visitor', occurred_at: 1772352000.25, watch_seconds: 12 },
      { event_id: 'n2', user_id: hostileIds.user, occurred_at: 1772352000.25, watch_seconds: 12 },
    ])
  })

  it('an event with the id of a fact of the warehouse, leaves the fact as it is and goes to the rejects', async () => {
    const fact = () => world.rows(`select * from fct_interactions where event_id = 'e1'`)
    const before = await fact()
    await world.file('events/a.ndjson', `${event('e1', { userId: 'user-999', eventType: 'skip' })}\n`)
    const report = await importEvents(world.context, join(world.folder, 'events'))
    expect(report).toMatchObject({ read: 1, written: 0, unchanged: 0, rejected: 1 })
    expect((await world.rejects(report))[0]).toContain('another event in fct_interactions has it; got e1')
    expect(await fact()).toEqual(before)
  })

  it('two events of different people with one id, in two files, the first one counts and the other is rejected', async () => {
    const lines = [event('n1'), event('n2')]
    await world.file('events/a.ndjson', `${lines.join('\n')}\n`)
    await world.file('events/b.ndjson', `${lines[0]}\n\n${event('n1', { userId: 'other' })}\n`)
    const folder = join(world.folder, 'events')
    const first = await importEvents(world.context, folder)
    expect(first).toMatchObject({ read: 4, written: 2, unchanged: 1, rejected: 1 })
    expect((await world.rejects(first))[0]).toMatch(/^b\.ndjson,3,.*another event earlier in the files has it; got n1/)
    expect(await world.rows(`select user_id from fct_interactions where event_id = 'n1'`)).toEqual([
      { user_id: 'visitor' },
    ])
    expect(await importEvents(world.context, folder)).toMatchObject({ read: 4, written: 0, unchanged: 3, rejected: 1 })
  })

  it('an event that breaks a rule, before a good one with its id, does not take the id', async () => {
    await world.file('events/a.ndjson', `${event('n1', { completion: 7 })}\n${event('n1')}\n`)
    const report = await importEvents(world.context, join(world.folder, 'events'))
    expect(report).toMatchObject({ read: 2, written: 1, rejected: 1 })
    expect((await world.rejects(report))[0]).toMatch(/^a\.ndjson,1,/)
  })

  it('events of unknown contents, bad times and numbers go to the rejects', async () => {
    const lines = [
      event('1', { contentId: 'nothing' }),
      event('2', { occurredAt: 'now' }),
      event('3', { completion: 7 }),
      event('4', { watchSeconds: 'long' }),
    ]
    await world.file('events/a.ndjson', `${lines.join('\n')}\n`)
    const report = await importEvents(world.context, join(world.folder, 'events'))
    expect(report).toMatchObject({ read: 4, written: 0, rejected: 4 })
  })

  it('the same rejects at each run, stay in one file, and new ones get another', async () => {
    await world.file('events/a.ndjson', `${event('1', { contentId: 'nothing' })}\n${event('2', { completion: 7 })}\n`)
    const folder = join(world.folder, 'events')
    const { rejectsDir } = world.context.config
    const first = await importEvents(world.context, folder)
    expect(await importEvents(world.context, folder)).toMatchObject({ rejected: 2, rejectsFile: first.rejectsFile })
    expect((await readdir(rejectsDir)).map((name) => join(rejectsDir, name))).toEqual([first.rejectsFile])
    expect(await world.rejects(first)).toHaveLength(2)
    await world.file('events/b.ndjson', `${event('3', { contentId: 'nothing' })}\n`)
    const more = await importEvents(world.context, folder)
    expect(await world.rejects(more)).toHaveLength(3)
    expect(await readdir(rejectsDir)).toHaveLength(2)
  })

  it('events of the sample world may join it', async () => {
    const database = await DuckDbDatabase.open({ path: world.warehouse, schema: 'marts', memoryMb: 256, threads: 1 })
    await writeMeta(database, 'synthetic', 'true')
    await database.close()
    await world.file('events/a.ndjson', `${event('n1')}\n`)
    expect(await importEvents(world.context, join(world.folder, 'events'))).toMatchObject({ written: 1 })
  })

  it('a folder without events is told', async () => {
    await expect(importEvents(world.context, join(world.folder, 'none'))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
  })
})
