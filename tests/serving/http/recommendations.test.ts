import { describe, expect, it } from 'vitest'
import { hostileContent, hostileUser, testNow } from '../../support/service-world.ts'
import { useService } from '../../support/use-service.ts'

const { service } = useService()

const ids = (items: readonly { contentId: string }[]): string[] => items.map((item) => item.contentId)

describe('GET /v1/users/{id}/recommendations', () => {
  it('ranks what follows and goes with the history for a user whom the model knows', async () => {
    const { status, body } = await service.get('/v1/users/user-1/recommendations?limit=4')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      userId: 'user-1',
      ranking: 'model',
      model: { name: 'recommender', version: 1 },
      fallback: null,
      synthetic: false,
    })
    expect(body.requestId).toBeTruthy()
    expect(Date.parse(body.generatedAt)).toBe(testNow * 1000)
    const five = body.items.find((item: { contentId: string }) => item.contentId === 'content-5')
    expect(five.reason).toEqual({
      code: 'next',
      text: 'Often follows “Title of content-2”',
      becauseOf: 'content-2',
    })
    // 5 follows the last event and the network, which alone likes 6, puts 6 there as well.
    expect(ids(body.items).slice(0, 2).sort()).toEqual(['content-5', 'content-6'])
  })

  it('never shows what the user has seen, nor what left the catalogue', async () => {
    const { body } = await service.get('/v1/users/user-1/recommendations?limit=100')
    expect(ids(body.items)).toHaveLength(11) // 13 contents, 2 of them seen
    expect(ids(body.items)).not.toContain('content-1')
    expect(ids(body.items)).not.toContain('content-2')
    expect(ids(body.items)).not.toContain('content-gone')
    expect(new Set(ids(body.items)).size).toBe(11)
  })

  it('ranks by neighbours for a user with history whom the model does not know', async () => {
    const { body } = await service.get(`/v1/users/${encodeURIComponent(hostileUser)}/recommendations`)
    expect(body).toMatchObject({ userId: hostileUser, ranking: 'neighbours', fallback: null })
    expect(ids(body.items)).not.toContain('content-7')
  })

  it('gives an unknown user what trends, and says so', async () => {
    const { status, body } = await service.get('/v1/users/nobody/recommendations?limit=3')
    expect(status).toBe(200)
    expect(body.fallback.reason).toBe('unknown-user')
    expect(body.items[0]).toMatchObject({ contentId: 'content-3', reason: { code: 'trending' } })
    expect(body.items).toHaveLength(3)
  })

  it('gives a user of whose contents none is known what trends, and says so', async () => {
    await service.post('/v1/events', { userId: 'stranger', contentId: 'nowhere', eventType: 'like' })
    const { body } = await service.get('/v1/users/stranger/recommendations?limit=3')
    expect(body).toMatchObject({ ranking: 'trending', fallback: { reason: 'unknown-user' } })
    expect(body.fallback.detail).toContain('None of the contents that this user had is in the catalogue')
    expect(body.items.map((item: { reason: { code: string } }) => item.reason.code)).toContain('trending')
  })

  it('considers an event posted just before', async () => {
    const path = '/v1/users/user-9/recommendations?limit=5'
    expect((await service.get(path)).body.fallback.reason).toBe('unknown-user')
    const posted = await service.post('/v1/events', {
      eventId: 'live-1',
      userId: 'user-9',
      contentId: 'content-2',
      eventType: 'view',
    })
    expect(posted).toMatchObject({ status: 200, body: { received: 1, accepted: 1, duplicates: 0, visible: true } })
    const { body } = await service.get(path)
    expect(body).toMatchObject({ fallback: null, ranking: 'neighbours' })
    expect(body.items[0]).toMatchObject({ contentId: 'content-5', reason: { code: 'next', becauseOf: 'content-2' } })
    expect(ids(body.items)).not.toContain('content-2')
  })

  it('says that a user has seen everything rather than repeat it', async () => {
    const all = (await service.get('/v1/trending?limit=100')).body.items
    const events = ids(all).map((contentId) => ({ userId: 'user-all', contentId, eventType: 'skip' }))
    expect((await service.post('/v1/events', { events })).status).toBe(200)
    const { body } = await service.get('/v1/users/user-all/recommendations')
    expect(body).toMatchObject({ items: [], fallback: { reason: 'everything-seen' } })
  })
})

describe('POST /v1/recommendations:batch', () => {
  it('answers as the single calls do, in the order asked', async () => {
    const users = ['user-2', 'user-1', 'nobody']
    const { body } = await service.post('/v1/recommendations:batch', { users, limit: 3 })
    expect(body.recommendations.map((list: { userId: string }) => list.userId)).toEqual(users)
    for (const list of body.recommendations) {
      const single = await service.get(`/v1/users/${list.userId}/recommendations?limit=3`)
      expect(ids(single.body.items)).toEqual(ids(list.items))
    }
  })

  it('answers a hundred users in their order, whatever it does in between', async () => {
    const users = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 'user-1' : `user-${i}`))
    const batch = service.post('/v1/recommendations:batch', { users, limit: 100 })
    const single = await service.get('/v1/users/user-1/recommendations?limit=100')
    const { status, body } = await batch
    expect(status).toBe(200)
    expect(body.recommendations.map((list: { userId: string }) => list.userId)).toEqual(users)
    expect(ids(body.recommendations[98].items)).toEqual(ids(single.body.items))
  })
})

describe('GET /v1/content/{id}/similar', () => {
  it('lists the neighbours, best first', async () => {
    const { body } = await service.get('/v1/content/content-1/similar')
    expect(body).toMatchObject({ contentId: 'content-1', model: { name: 'recommender', version: 1 }, fallback: null })
    expect(ids(body.items)).toEqual(['content-3', 'content-4'])
  })

  it('gives the same creator and category for a content that the model does not know, and says so', async () => {
    const { status, body } = await service.get(`/v1/content/${encodeURIComponent(hostileContent)}/similar?limit=3`)
    expect(status).toBe(200)
    expect(body.fallback.reason).toBe('content-new-to-model')
    expect(body.items).toHaveLength(3)
    for (const item of body.items) expect(item).toMatchObject({ category: 'Comedy', creatorId: 'creator-2' })
  })

  it('refuses a content that does not exist', async () => {
    const { status, body } = await service.get('/v1/content/content-999/similar')
    expect(status).toBe(404)
    expect(body).toMatchObject({ code: 'NOT_FOUND', detail: expect.stringContaining('content-999') })
  })
})

describe('GET /v1/trending', () => {
  it('puts first what most people like', async () => {
    const { body } = await service.get('/v1/trending?limit=1')
    expect(ids(body.items)).toEqual(['content-3'])
    expect(body.items[0].score).toBeGreaterThan(0)
  })

  it('filters by category, and knows an event at once', async () => {
    const events = Array.from({ length: 9 }, (_, i) => ({
      userId: `u${i}`,
      contentId: 'content-12',
      eventType: 'like',
    }))
    await service.post('/v1/events', { events })
    const { body } = await service.get('/v1/trending?category=Comedy&limit=2')
    expect(body.items[0].contentId).toBe('content-12')
    expect(body.items.every((item: { category: string }) => item.category === 'Comedy')).toBe(true)
    expect((await service.get('/v1/trending?platform=nowhere')).body.items).toEqual([])
  })
})
