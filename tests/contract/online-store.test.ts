import { randomBytes } from 'node:crypto'
import process from 'node:process'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../config.ts'
import { featureService, featureView, featureViews } from '../../features/definitions/index.ts'
import type { HistoryEvent, NewEvent, OnlineStore } from '../../features/store/online-store.ts'
import { openOfflineStore } from '../../features/store/open-offline-store.ts'
import { openOnlineStore } from '../../features/store/open-online-store.ts'
import { createFeatureWorld, type FeatureWorld, redefined, seconds } from '../support/feature-world.ts'
import { hostileIds } from '../support/small-world.ts'

const redisUrl = process.env.TEST_REDIS_URL
/** Just after the last snapshot of the small world. */
const now = seconds('2026-03-10T06:00:00')

const newEvent = (userId: string, eventId: string, time: string, contentId = 'content-1'): NewEvent => ({
  userId,
  eventId,
  contentId,
  eventType: 'view',
  occurredAt: seconds(time),
  platform: 'youtube',
  watchSeconds: null,
  completion: null,
  value: null,
})
const ids = (events: readonly HistoryEvent[]): readonly string[] => events.map((event) => event.eventId)

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** What every online store promises, over real stores. */
function onlineStoreContract(online: (world: FeatureWorld) => Config['online'], cleanUp: () => Promise<void>): void {
  let world: FeatureWorld
  let config: Config
  let store: OnlineStore
  beforeAll(async () => {
    world = await createFeatureWorld()
    config = { ...world.config, online: online(world) }
    await world.build()
    store = await openOnlineStore(config)
  })
  afterAll(async () => {
    await store.close()
    await world.remove()
    await cleanUp()
  })

  it('before the first materialisation, is empty and gives defaults', async () => {
    expect(await store.version()).toBeUndefined()
    expect(await store.freshness()).toEqual([])
    expect(await store.heldFacts()).toBeUndefined()
    expect(await collect(store.catalogue())).toEqual([])
    expect(await store.history('user-1', 10)).toEqual([])
    expect(await store.features(featureService('segments'), { user: ['user-1'] }, now)).toMatchObject({ missing: 1 })
  })

  it('after it, is seen by a store that was open before', async () => {
    const { version } = await world.materialise({ config, now })
    expect(await store.version()).toBe(version)
    expect(await store.isSynthetic()).toBe(false)
    // e9 at 18:00 of the 9th is the last interaction of the small world.
    expect(await store.heldFacts()).toEqual({ until: seconds('2026-03-09T18:00:00'), readAt: now })
    expect(await store.freshness()).toContainEqual({ view: 'user_activity', asOf: seconds('2026-03-10'), rows: 3 })
  })

  it.each([
    ['segments', [0, 0, 1, 1, 0]],
    // user-3 has no row, but the content that goes with them has.
    ['ranking', [0, 0, 0, 1, 0]],
    ['engagement', [0, 0, 1, 1, 0]],
    // Nobody paid creator-1 for the last contents, but the creator has a history.
    ['revenue', [0, 0, 1, 1, 0]],
  ] as const)('features of %s, equal those of the offline store at that moment', async (name, nothingKnown) => {
    const entities = {
      user: ['user-1', hostileIds.user, 'user-3', 'nobody', 'user-2'],
      content: ['content-1', 'content-2', hostileIds.content, 'nothing', 'content-3'],
      creator: ['creator-1', hostileIds.creator, 'nobody', '', 'creator-1'],
    }
    const offline = await openOfflineStore(config)
    const at = new Float64Array(5).fill(now)
    const expected = await offline.historicalFeatures(featureService(name), { rowCount: 5, at, ...entities })
    await offline.close()
    const { missingRows, ...found } = await store.features(featureService(name), entities, now)
    expect(found).toEqual(expected)
    expect([...missingRows]).toEqual(nothingKnown)
    expect(expected.numeric.some((value) => value !== 0)).toBe(true)
  })

  it('rows older than their ttl, give defaults and count as stale', async () => {
    const later = now + featureView('user_activity').ttlSeconds
    const matrix = await store.features(featureService('segments'), { user: ['user-1', 'user-2'] }, later)
    expect(matrix).toMatchObject({ rowCount: 2, stale: 2, missing: 0 })
    expect(matrix.numeric[0]).toBe(0)
  })

  it('a service whose view has changed, is refused with what to run', async () => {
    const view = redefined(featureView('user_activity'))
    const service = { ...featureService('segments'), fields: [{ view, field: view.fields[0]! }] }
    await expect(store.features(service, { user: ['user-1'] }, now)).rejects.toMatchObject({
      code: 'FEATURES_CHANGED',
      message: expect.stringContaining('materialise'),
    })
  })

  it('the catalogue, has a card for each content with its trending score', async () => {
    const cards = await collect(store.catalogue())
    expect(cards.map((card) => card.contentId).sort()).toEqual(
      ['content-1', 'content-2', 'content-3', hostileIds.content].sort(),
    )
    expect(cards.find((card) => card.contentId === hostileIds.content)).toMatchObject({
      title: "It's",
      creatorId: hostileIds.creator,
      creatorName: "O'Neil",
      durationSeconds: 30,
      // e5, a rating of 4.5, is 5 days old: 0.5 ^ (5 / 2)
      trendingScore: expect.closeTo(0.5 ** 2.5, 9),
    })
    expect(cards.find((card) => card.contentId === 'content-3')).toMatchObject({ durationSeconds: null, language: '' })
  })

  it('creators, come once each with their number of contents', async () => {
    const creators = await collect(store.creators())
    expect(creators).toHaveLength(2)
    expect(creators.find((creator) => creator.creatorId === 'creator-1')).toMatchObject({
      contentCount: 3,
      country: 'IN',
    })
  })

  it('userIds, lists people with a history who may be remembered', async () => {
    expect(await store.userIds(10)).toEqual(
      ['user-1', 'user-2', hostileIds.user].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)),
    )
    expect(await store.userIds(1)).toHaveLength(1)
  })

  it('a materialised history, comes oldest first and ends at the limit', async () => {
    expect(ids(await store.history('user-1', 200))).toEqual(['e1', 'e2', 'e4', 'e8', 'e9'])
    expect(ids(await store.history('user-1', 2))).toEqual(['e8', 'e9'])
    expect(await store.history('user-1', 0)).toEqual([])
    expect((await store.history(hostileIds.user, 5))[0]).toEqual({
      eventId: 'e5',
      contentId: hostileIds.content,
      eventType: 'rating',
      occurredAt: seconds('2026-03-05'),
    })
  })

  it('events posted, are seen at once, each id once, and merged with the history', async () => {
    const first = newEvent('user-1', 'live-1', '2026-03-10T05:00:00')
    expect(await store.appendEvents([first, first, newEvent('user-2', 'live-2', '2026-03-10T05:00:01')])).toBe(2)
    expect(await store.appendEvents([first, newEvent('user-1', 'e9', '2026-03-09T18:00:00')])).toBe(1)
    expect(ids(await store.history('user-1', 3))).toEqual(['e8', 'e9', 'live-1'])
    expect(await store.appendEvents([])).toBe(0)
  })

  it('a person who is new, has the events that were posted', async () => {
    for (const id of ['fresh', 'a/b', '🙂', "x'; drop table users; --", 'long'.repeat(500), 'nul\0byte', '\ud800']) {
      await store.appendEvents([newEvent(id, `of ${id.slice(0, 20)}`, '2026-03-10T01:00:00')])
      expect(ids(await store.history(id, 5)), id.slice(0, 20)).toEqual([`of ${id.slice(0, 20)}`])
    }
    expect(await store.history('a', 5)).toEqual([])
  })

  it('events posted by many at once, are all kept', async () => {
    const posted = Array.from({ length: 40 }, (_, i) =>
      newEvent('busy', `b${String(i).padStart(2, '0')}`, '2026-03-10T01:00:00'),
    )
    const added = await Promise.all(posted.map((event) => store.appendEvents([event])))
    expect(added.every((count) => count === 1)).toBe(true)
    expect(ids(await store.history('busy', 100))).toEqual(posted.map((event) => event.eventId))
  })

  it('many events of one person, leaves the latest', async () => {
    const posted = Array.from({ length: 600 }, (_, i) => ({
      ...newEvent('heavy', `h${i}`, '2026-03-10'),
      occurredAt: now + i,
    }))
    expect(await store.appendEvents(posted)).toBe(600)
    const kept = await store.history('heavy', 1000)
    expect(kept).toHaveLength(500)
    expect(kept.at(-1)!.eventId).toBe('h599')
  })

  it('a second version, is switched to as a whole, keeps live events and one version before', async () => {
    const before = await store.version()
    const { version } = await world.materialise({ config, now: now + 60 })
    await world.materialise({ config, now: now + 120 })
    expect(await store.version()).not.toBe(before)
    expect(version).not.toBe(before)
    expect(ids(await store.history('user-1', 3))).toEqual(['e8', 'e9', 'live-1'])
  })

  it('a materialisation that is stopped midway, changes nothing, and the next one clears up', async () => {
    const version = await store.version()
    const controller = new AbortController()
    const progress = {
      update: (_: string, step: number) => step === featureViews.length + 1 && controller.abort(),
      done() {},
    }
    await expect(world.materialise({ config, now, progress, signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    expect(await store.version()).toBe(version)
    expect(ids(await store.history('user-1', 1))).toEqual(['live-1'])
    await world.materialise({ config, now: now + 180 })
    expect(await store.version()).not.toBe(version)
  })

  it('a person who asks to be forgotten, is gone at once', async () => {
    await store.eraseUser('user-2')
    expect(await store.history('user-2', 10)).toEqual([])
    expect(await store.features(featureService('segments'), { user: ['user-2'] }, now)).toMatchObject({ missing: 1 })
    expect(ids(await store.history('user-1', 1))).toEqual(['live-1'])
  })

  it('a person deleted in the warehouse, is not published', async () => {
    await world.run(`update dim_user set deleted_at = '2026-03-10' where user_id = 'user-1'`)
    await world.build()
    await world.materialise({ config, now: now + 240 })
    await store.version() // looks, instead of waiting for the next look
    expect(await store.userIds(10)).not.toContain('user-1')
    expect(await store.history('user-1', 10)).toEqual([]) // its live event is gone as well
    expect(await store.mayPersonalise('user-1')).toBe(false)
    expect(await store.mayPersonalise('fresh')).toBe(true)
    expect(await store.features(featureService('segments'), { user: ['user-1'] }, now)).toMatchObject({ missing: 1 })
  })

  it('a person who may not be personalised, leaves no history by new events, which are counted', async () => {
    const posted = [
      newEvent('user-1', 'after-1', '2026-03-10T02:00:00'),
      newEvent('fresh', 'f2', '2026-03-10T02:00:00'),
    ]
    expect(await store.appendEvents(posted)).toBe(2)
    expect(await store.history('user-1', 10)).toEqual([])
    expect(ids(await store.history('fresh', 1))).toEqual(['f2'])
  })

  it('a warehouse that ends long ago, is published as it was, and ages from then on', async () => {
    const yearLater = now + 365 * 86_400
    await world.materialise({ config, now: yearLater })
    await store.version() // looks, instead of waiting for the next look
    const read = (at: number) => store.features(featureService('segments'), { user: ['user-2'] }, at)
    expect(await read(yearLater + 60)).toMatchObject({ stale: 0, missing: 0 })
    expect(await read(yearLater + 31 * 86_400)).toMatchObject({ stale: 1 })
    expect((await store.freshness())[0]!.asOf).toBe(seconds('2026-03-10'))
  })
}

describe('online store in LMDB', () => {
  onlineStoreContract(
    (world) => world.config.online,
    async () => undefined,
  )
})

describe.skipIf(!redisUrl)(`online store in Redis${redisUrl ? '' : ' (skipped: TEST_REDIS_URL is not set)'}`, () => {
  const prefix = `test-${randomBytes(6).toString('hex')}:`
  onlineStoreContract(
    () => ({ kind: 'redis', url: `${redisUrl}?keyPrefix=${prefix}` }),
    async () => {
      const redis = new Redis(redisUrl!)
      const keys = await redis.keys(`${prefix}*`)
      if (keys.length > 0) await redis.unlink(...keys)
      await redis.quit()
    },
  )
})
