import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importEvents } from '../../pipelines/import/events.ts'
import { silentProgress } from '../../progress.ts'
import { createServiceWorld, type ServiceWorld, type TestService, testNow } from '../support/service-world.ts'

let world: ServiceWorld
let service: TestService
let now = testNow
const clock = () => now

beforeAll(async () => {
  world = await createServiceWorld([])
  await world.features.materialise({ now })
  service = await world.start({}, { clock })
})
afterAll(async () => {
  await service.close()
  await world.remove()
})

/** What a retraining does with the data. */
async function publish(): Promise<void> {
  const { config, build, materialise } = world.features
  await importEvents({ config, progress: silentProgress, signal: new AbortController().signal }, config.eventsDir)
  await build()
  await materialise({ now })
}

const like = async (prefix: string, count: number, contentId: string, facts: object = {}): Promise<void> => {
  const events = Array.from({ length: count }, (_, i) => ({
    eventId: `${prefix}${i}`,
    userId: `user-${prefix}${i}`,
    contentId,
    eventType: 'like',
    ...facts,
  }))
  expect(await service.post('/v1/events', { events })).toMatchObject({ status: 200 })
}

const score = async (contentId: string): Promise<number> => {
  const { items } = (await service.get('/v1/trending?limit=13')).body
  return items.find((item: { contentId: string }) => item.contentId === contentId).score
}

const restart = async (): Promise<void> => {
  await service.close()
  service = await world.start({}, { clock })
}

const servedVersion = async (): Promise<string> => (await service.get('/readyz')).body.catalogue.version

/** A retraining a minute later, whose version the service has loaded. */
async function publishAndLoad(): Promise<void> {
  const before = await servedVersion()
  now += 60
  await publish()
  await expect.poll(servedVersion).not.toBe(before)
}

/** The service looks for a new version once a second. Minutes pass, an hour at most: 2^(-1/48) of a like is left then. */
const shows = (contentId: string, expected: number) =>
  expect.poll(() => score(contentId), { timeout: 4000 }).toBeCloseTo(expected, 1)

describe('trending on the day of a retraining', () => {
  it('counts the events of before once, and those of after', async () => {
    await like('before', 8, 'content-9')
    await shows('content-9', 8)
    await publishAndLoad()
    await shows('content-9', 8)

    now += 60
    await like('after', 4, 'content-9')
    await like('new', 3, 'content-12')
    await shows('content-9', 12)
    await shows('content-12', 3)
  })

  it('after a restart, counts the same', async () => {
    await restart()
    await shows('content-9', 12)
    await shows('content-12', 3)
  })

  it('counts an event that came late, now and after a restart', async () => {
    await like('late', 2, 'content-11', { occurredAt: testNow - 3600 })
    await shows('content-11', 2)
    await restart()
    await shows('content-11', 2)
    await shows('content-9', 12)
  })

  it('counts views that were watched to the end, and no others, as the published score does', async () => {
    await like('seen', 4, 'content-10', { eventType: 'view', completion: 0.9 })
    await like('left', 5, 'content-10', { eventType: 'view', completion: 0.2 })
    await like('unknown', 5, 'content-10', { eventType: 'view' })
    await like('poor', 5, 'content-10', { eventType: 'rating', value: 3.5 })
    await shows('content-10', 4)
    await publishAndLoad()
    await shows('content-10', 4)
    await shows('content-9', 12)
    await shows('content-12', 3)
    await shows('content-11', 2)
  })

  it('does not count again what is posted again after a restart, and is in the version', async () => {
    await restart()
    await like('before', 8, 'content-9', { occurredAt: testNow })
    await shows('content-9', 12)
  })

  it('a client whose clock runs ahead, does not make later events of others pass for counted', async () => {
    await like('ahead', 1, 'content-8', { occurredAt: now + 1800 })
    await publish()
    now += 60
    await like('next', 1, 'content-8')
    await shows('content-8', 2)
    await restart()
    await shows('content-8', 2)
  })
})
