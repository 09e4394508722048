import { describe, expect, it } from 'vitest'
import { useService } from '../../support/use-service.ts'

const { service } = useService([])

const event = (eventId: string, userId: string) => ({ eventId, userId, contentId: 'content-4', eventType: 'like' })

describe('the id of an event', () => {
  it('that another user’s event has, is refused, and the first stays', async () => {
    expect((await service.post('/v1/events', event('h1', 'user-1'))).body).toMatchObject({ accepted: 1 })
    const { status, body } = await service.post('/v1/events', event('h1', 'user-2'))
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ field: 'eventId', message: expect.stringContaining('of another user') }])
    expect((await service.post('/v1/events', event('h1', 'user-1'))).body).toMatchObject({ accepted: 0, duplicates: 1 })
  })

  it('in a batch, is named with the place of its event, and nothing of the batch is taken', async () => {
    const events = [event('b1', 'user-1'), event('b2', 'user-1'), event('b1', 'user-2'), event('h1', 'user-3')]
    const { status, body } = await service.post('/v1/events', { events })
    expect(status).toBe(400)
    expect(body.errors.map((error: { field: string }) => error.field)).toEqual(['events.2.eventId', 'events.3.eventId'])
    expect((await service.post('/v1/events', event('b2', 'user-2'))).body).toMatchObject({ accepted: 1 })
  })

  it('posted for two users at the same time, is taken for one of them', async () => {
    const posts = ['user-1', 'user-2', 'user-3'].map((user) => service.post('/v1/events', event('race', user)))
    const statuses = (await Promise.all(posts)).map((answer) => answer.status)
    expect(statuses.sort()).toEqual([200, 400, 400])
  })

  it('is said to be unique over all events', async () => {
    const { body } = await service.get('/openapi.json')
    expect(JSON.stringify(body.paths['/v1/events'])).toContain('unique over all events')
  })
})
