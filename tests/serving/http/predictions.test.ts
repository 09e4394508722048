import { describe, expect, it } from 'vitest'
import { useService } from '../../support/use-service.ts'

const { world, service } = useService()

const draft = { creatorId: 'creator-1', title: 'three words here' }

describe('POST /v1/predictions/engagement', () => {
  it('predicts each target with its interval', async () => {
    const { status, body } = await service.post('/v1/predictions/engagement', draft)
    expect(status).toBe(200)
    // The model by hand: 100 · 3 words ± 10.
    expect(body).toMatchObject({
      creatorId: 'creator-1',
      predictions: [{ target: 'views_7d', unit: 'views', value: 300, lower: 290, upper: 310 }],
      model: { name: 'engagement', version: 1 },
      fallback: null,
    })
  })

  it('marks the prediction for a creator of whom nothing is known', async () => {
    const { status, body } = await service.post('/v1/predictions/engagement', { ...draft, creatorId: 'new/one' })
    expect(status).toBe(200)
    expect(body.fallback.reason).toBe('unknown-creator')
  })

  it('takes moments as seconds and as ISO 8601', async () => {
    for (const plannedAt of [1_773_000_000, '2026-03-12T18:00:00+02:00']) {
      expect((await service.post('/v1/predictions/engagement', { ...draft, plannedAt })).status).toBe(200)
    }
  })
})

describe('POST /v1/predictions/virality', () => {
  it('gives a probability, with the first counts when there are any', async () => {
    const before = await service.post('/v1/predictions/virality', draft)
    expect(before.body).toMatchObject({ probability: 0.5, earlyFields: ['early_views'], fallback: null })
    const after = await service.post('/v1/predictions/virality', { ...draft, early: { early_views: 7 } })
    expect(after.body.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 5) // sigmoid(7 − 5)
  })

  it('names an early count that the model does not know, and those it does', async () => {
    const { status, body } = await service.post('/v1/predictions/virality', { ...draft, early: { claps: 7 } })
    expect(status).toBe(400)
    expect(body.errors[0].field).toBe('early.claps')
    expect(body.detail).toContain('early_views')
  })
})

describe('POST /v1/predictions/churn', () => {
  it('gives the hazard of each week and the probability within each horizon', async () => {
    const { status, body } = await service.post('/v1/predictions/churn', { userId: 'user-1' })
    expect(status).toBe(200)
    // Two events in the last week: each week's hazard is 1/(1 + e²).
    const hazard = 1 / (1 + Math.exp(2))
    expect(body).toMatchObject({
      userId: 'user-1',
      definition: 'lost is who has not been seen for 28 whole days',
      model: { name: 'churn', version: 1 },
      fallback: null,
    })
    expect(body.hazardByWeek).toEqual([expect.closeTo(hazard, 5), expect.closeTo(hazard, 5)])
    expect(body.probabilities).toEqual([{ horizonDays: 28, probability: expect.closeTo(1 - (1 - hazard) ** 2, 5) }])
  })

  it('gives a user of whom nothing is known the rate of everyone, marked', async () => {
    for (const userId of ['nobody', 'user-3']) {
      const { status, body } = await service.post('/v1/predictions/churn', { userId }) // user-3 signed up and never came
      expect(status).toBe(200)
      expect(body).toMatchObject({ hazardByWeek: [0.1, 0.2], fallback: { reason: 'unknown-user' } })
      expect(body.probabilities[0].probability).toBeCloseTo(1 - 0.9 * 0.8, 5)
    }
  })

  it('does not trust features older than their time to live', async () => {
    const late = await world.start({}, { clock: () => Date.now() / 1000 + 31 * 86_400 })
    const { body } = await late.post('/v1/predictions/churn', { userId: 'user-1' })
    await late.close()
    expect(body).toMatchObject({ hazardByWeek: [0.1, 0.2], fallback: { reason: 'features-stale' } })
  })

  it('names what a body lacks, or has too much of', async () => {
    for (const [body, field] of [
      [{}, 'userId'],
      [{ userId: 7 }, 'userId'],
      [{ userId: 'user-1', userIds: [] }, 'userIds'],
    ] as const) {
      const { status, body: problem } = await service.post('/v1/predictions/churn', body)
      expect(status).toBe(400)
      expect(problem.errors[0].field).toBe(field)
    }
  })
})

describe('GET /v1/users/{id}/segment', () => {
  it('gives the nearest segment', async () => {
    // user-1 had two events in the last seven days: |2 − 0| < |2 − 100|.
    const { body } = await service.get('/v1/users/user-1/segment')
    expect(body).toMatchObject({
      userId: 'user-1',
      segment: { id: 'quiet', name: 'quiet viewers' },
      distance: 2,
      runnerUp: { id: 'busy', distance: 98 },
      fallback: null,
    })
  })

  it('gives an unknown user the largest segment, marked', async () => {
    const { status, body } = await service.get('/v1/users/nobody/segment')
    expect(status).toBe(200)
    expect(body).toMatchObject({ segment: { id: 'quiet' }, distance: null, fallback: { reason: 'unknown-user' } })
  })

  it('does not trust features older than their time to live', async () => {
    // They were materialised just now, and count for 30 days.
    const late = await world.start({}, { clock: () => Date.now() / 1000 + 31 * 86_400 })
    const { body } = await late.get('/v1/users/user-1/segment')
    await late.close()
    expect(body.fallback.reason).toBe('features-stale')
  })
})

describe('GET /v1/segments', () => {
  it('lists them all', async () => {
    const { body } = await service.get('/v1/segments')
    expect(body.segments.map((segment: { id: string }) => segment.id)).toEqual(['quiet', 'busy'])
    expect(body.model).toEqual({ name: 'segments', version: 1 })
  })
})

describe('GET /v1/creators/{id}/posting-times', () => {
  it('finds the best hour of the next week, in UTC and on the local clock', async () => {
    // Now is Wednesday, 11 March 2026; the creator's best hour is Monday 00:00 UTC, that is the 16th, 5:30 in Kolkata.
    const { body } = await service.get('/v1/creators/creator-1/posting-times?limit=1&timeZone=Asia/Kolkata')
    expect(body).toMatchObject({ timeZone: 'Asia/Kolkata', basis: 'creator', posts: 12, fallback: null })
    const [slot] = body.slots
    expect(slot).toMatchObject({ startsAt: '2026-03-16T00:00:00.000Z', local: '2026-03-16T05:30', weekday: 0, hour: 5 })
    expect([slot.lift, slot.lower, slot.upper]).toEqual([2, 1.9, 2.1])
  })

  it('gives all 168 hours of the week when asked', async () => {
    const { body } = await service.get('/v1/creators/creator-1/posting-times?limit=168')
    const starts = body.slots.map((slot: { startsAt: string }) => slot.startsAt)
    expect(new Set(starts).size).toBe(168)
    expect(starts.toSorted()[0]).toBe('2026-03-11T13:00:00.000Z') // the next full hour
  })

  it('gives an unknown creator, or one on another platform, the hours of everyone, marked', async () => {
    for (const path of ['/v1/creators/nobody/posting-times', '/v1/creators/creator-1/posting-times?platform=tiktok']) {
      const { status, body } = await service.get(path)
      expect(status).toBe(200)
      expect(body).toMatchObject({ basis: 'everyone', fallback: { reason: 'unknown-creator' } })
      expect(body.slots[0]).toMatchObject({ startsAt: '2026-03-15T23:00:00.000Z', lift: 3 })
    }
  })

  it('refuses a time zone that does not exist', async () => {
    const { status, body } = await service.get('/v1/creators/creator-1/posting-times?timeZone=Mars/Olympus')
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ field: 'timeZone', message: expect.stringContaining('IANA time zone') }])
  })
})
