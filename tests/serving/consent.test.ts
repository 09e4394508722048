import { describe, expect, it } from 'vitest'
import { useService } from '../support/use-service.ts'

const { world, service } = useService(['recommender', 'segments'])

const recommended = async () => (await service.get('/v1/users/user-1/recommendations?limit=13')).body
const post = (contentId: string) => service.post('/v1/events', { userId: 'user-1', contentId, eventType: 'like' })

describe('a user who withdraws the consent to personalisation', () => {
  it('is not personalised any more, although the model knows them, and leaves no history', async () => {
    await post('content-3')
    expect(await recommended()).toMatchObject({ ranking: 'model', fallback: null })

    await world.features.run(`update dim_user set consent_personalization = false where user_id = 'user-1'`)
    await world.features.build()
    await world.features.materialise()
    const body = await recommended()
    expect(body).toMatchObject({ ranking: 'trending', fallback: { reason: 'not-personalised' } })
    // Not even what they saw is remembered: all 12 contents of the catalogue and the hostile one are there.
    expect(body.items).toHaveLength(13)
  })

  it('is told no segment, in the same words as their recommendations', async () => {
    const { body } = await service.get('/v1/users/user-1/segment')
    expect(body).toMatchObject({
      segment: { id: 'quiet' },
      distance: null,
      runnerUp: null,
      fallback: {
        reason: 'not-personalised',
        detail: expect.stringContaining('did not agree to personalisation, or left'),
      },
    })
    const { fallback } = await recommended()
    expect(fallback.reason).toBe(body.fallback.reason)
    expect(fallback.detail.split(';')[0]).toBe(body.fallback.detail.split(';')[0])
  })

  it('still counts for what trends', async () => {
    const before = (await service.get('/v1/trending?limit=13')).body.items
    const scoreOf = (items: readonly { contentId: string; score: number }[]): number =>
      items.find((item) => item.contentId === 'content-9')!.score
    expect(await post('content-9')).toMatchObject({ status: 200, body: { accepted: 1, duplicates: 0 } })
    await expect
      .poll(async () => scoreOf((await service.get('/v1/trending?limit=13')).body.items), { timeout: 5000 })
      .toBeCloseTo(scoreOf(before) + 1, 3)
    expect((await recommended()).items).toHaveLength(13)
  })

  it('who posts an event again, is told that it was there', async () => {
    const event = { eventId: 'again', userId: 'user-1', contentId: 'content-9', eventType: 'like' }
    expect((await service.post('/v1/events', event)).body).toMatchObject({ accepted: 1, duplicates: 0 })
    expect((await service.post('/v1/events', event)).body).toMatchObject({ accepted: 0, duplicates: 1 })
    const events = [event, { ...event, eventId: 'other' }, { ...event, eventId: 'other' }]
    expect((await service.post('/v1/events', { events })).body).toMatchObject({ accepted: 1, duplicates: 2 })
  })
})
