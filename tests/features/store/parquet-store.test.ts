import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FeatureService, FeatureView } from '../../../features/definitions/feature-view.ts'
import { featureService, featureView } from '../../../features/definitions/index.ts'
import type { LabelRows, OfflineStore } from '../../../features/store/offline-store.ts'
import { openOfflineStore } from '../../../features/store/open-offline-store.ts'
import { readManifest } from '../../../features/store/snapshot-manifest.ts'
import { createLogger } from '../../../log.ts'
import { createFeatureWorld, type FeatureWorld, redefined, seconds } from '../../support/feature-world.ts'
import { hostileIds } from '../../support/small-world.ts'

const users = featureView('user_activity')

const serviceOf = (view: FeatureView, names: readonly string[]): FeatureService => ({
  name: 'test',
  description: '',
  fields: names.map((name) => ({ view, field: view.fields.find((field) => field.name === name)! })),
  schemaHash: 'test',
})
const events = serviceOf(users, ['events_28d', 'country', 'recency_days'])

const labels = (rows: readonly (readonly [string, string])[]): LabelRows => ({
  rowCount: rows.length,
  user: rows.map(([user]) => user),
  at: Float64Array.from(rows, ([, at]) => seconds(at)),
})

describe('historicalFeatures', () => {
  let world: FeatureWorld
  let store: OfflineStore
  beforeAll(async () => {
    world = await createFeatureWorld()
    await world.build()
    store = await openOfflineStore(world.config)
  })
  afterAll(async () => {
    await store.close()
    await world.remove()
  })

  it('moments of different days, get the last snapshot before each, in the order asked', async () => {
    const matrix = await store.historicalFeatures(
      events,
      labels([
        ['user-1', '2026-03-09T23:59:59'],
        ['user-1', '2026-03-02'],
        [hostileIds.user, '2026-03-06T01:00:00'],
        ['user-1', '2026-03-05T10:00:00'],
      ]),
    )
    // user-1: e1, e2 by the 2nd; e4 by the 5th; e8 by the 9th, but e9 of the 9th only the day after.
    expect([...matrix.numeric]).toEqual([4, 1, 2, 1, 2, 1, 3, 1])
    expect(matrix.categorical).toEqual([['IN', 'IN', 'FR', 'IN']])
    expect(matrix).toMatchObject({ rowCount: 4, missing: 0, stale: 0 })
  })

  it('examples of one person and day, each get the values, and each counts when there is no row', async () => {
    const matrix = await store.historicalFeatures(
      events,
      labels([
        ['nobody', '2026-03-05'],
        ['user-1', '2026-03-05'],
        ['user-1', '2026-03-05T20:00:00'],
        ['nobody', '2026-03-05T20:00:00'],
      ]),
    )
    expect([...matrix.numeric]).toEqual([0, 365, 3, 1, 3, 1, 0, 365])
    expect(matrix.categorical).toEqual([['', 'IN', 'IN', '']])
    expect(matrix.missing).toBe(2)
  })

  it('people without a row, get the defaults and count as missing', async () => {
    const matrix = await store.historicalFeatures(
      events,
      labels([
        ['nobody', '2026-03-09'],
        ['', '2026-03-09'],
        ['user-1', '2026-02-01'], // before the first snapshot
        ['user-3', '2026-03-09'], // deleted
      ]),
    )
    expect([...matrix.numeric]).toEqual([0, 365, 0, 365, 0, 365, 0, 365])
    expect(matrix.categorical).toEqual([['', '', '', '']])
    expect(matrix).toMatchObject({ missing: 4, stale: 0 })
  })

  it('examples of before the first snapshot and of long after the last, are counted in the log', async () => {
    const lines: string[] = []
    const log = createLogger('warn', { write: (line: string) => void lines.push(line) })
    const told = await openOfflineStore(world.config, log)
    const rows = [
      ['user-1', '2026-03-01T23:59:59'],
      ['user-1', '2026-03-02'],
      ['nobody', '2026-02-01'],
      ['', '2026-02-01'],
      ['user-1', '2026-05-01'],
    ] as const
    const matrix = await told.historicalFeatures(events, labels(rows)).finally(() => told.close())
    expect(matrix).toMatchObject({ missing: 3, stale: 1 })
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { view: 'user_activity', examples: 5, tooEarly: 2, stale: 1, first: '2026-03-02', last: '2026-03-10' },
    ])
    expect(lines[0]).toContain('--from')
  })

  it('a snapshot older than its ttl, does not count', async () => {
    // The last snapshot is of 10 March; a row is valid for 30 days.
    const matrix = await store.historicalFeatures(
      events,
      labels([
        ['user-1', '2026-04-09'],
        ['user-1', '2026-04-09T00:00:01'],
      ]),
    )
    expect([...matrix.numeric]).toEqual([5, 1, 0, 365])
    expect(matrix).toMatchObject({ missing: 0, stale: 1 })
  })

  it('a moment that is not a number, counts as missing', async () => {
    const matrix = await store.historicalFeatures(events, {
      rowCount: 1,
      user: ['user-1'],
      at: Float64Array.of(Number.NaN),
    })
    expect(matrix.missing).toBe(1)
  })

  it('no examples, gives an empty matrix', async () => {
    expect(await store.historicalFeatures(events, labels([]))).toMatchObject({ rowCount: 0, missing: 0 })
  })

  it('a service of two entities, joins each by its own id', async () => {
    const matrix = await store.historicalFeatures(featureService('ranking'), {
      ...labels([['user-1', '2026-03-10']]),
      content: [hostileIds.content],
    })
    expect(matrix.categorical.flat()).toContain(hostileIds.creator)
    expect(matrix.missing).toBe(0)
  })

  it('ids of an entity left out, are asked for', async () => {
    await expect(
      store.historicalFeatures(featureService('ranking'), labels([['user-1', '2026-03-10']])),
    ).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('content id'),
    })
  })

  it('a changed definition, is refused with what to run', async () => {
    const service = serviceOf(redefined(users), ['events_28d'])
    await expect(store.historicalFeatures(service, labels([['user-1', '2026-03-10']]))).rejects.toMatchObject({
      code: 'FEATURES_CHANGED',
      message: expect.stringContaining('contentflow features build'),
    })
  })
})

describe('historicalFeatures over damaged snapshots', () => {
  let world: FeatureWorld
  let store: OfflineStore
  let file: string
  beforeAll(async () => {
    world = await createFeatureWorld()
    await world.build({ views: [users] })
    store = await openOfflineStore(world.config)
    const folder = join(world.config.featuresDir, users.name)
    const last = (await readManifest(folder))!.snapshots.at(-1)!
    file = join(folder, last.file)
  })
  afterAll(async () => {
    await store.close()
    await world.remove()
  })
  const read = () => store.historicalFeatures(events, labels([['user-1', '2026-03-10']]))

  it('a file with other bytes of the same length, cannot be read and is named', async () => {
    const [description] = [await readManifest(join(world.config.featuresDir, users.name))]
    await writeFile(file, Buffer.alloc(description!.snapshots.at(-1)!.bytes, 7))
    await expect(read()).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('--full') })
  })
  it('a truncated file, is named', async () => {
    await truncate(file, 100)
    await expect(read()).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining(file) })
  })
  it('a file that is gone, is named', async () => {
    await rm(file)
    await expect(read()).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('no file') })
  })
  it('a view that was never built, says what to run', async () => {
    await rm(join(world.config.featuresDir, users.name), { recursive: true })
    await expect(read()).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('contentflow features build'),
    })
  })
})
