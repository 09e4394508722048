import { describe, expect, it } from 'vitest'
import { useService } from '../../support/use-service.ts'

const { world, service } = useService()

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

describe('POST /v1/predictions/churn, asked more', () => {
  it('answers many, in their order, and a stream of lines', async () => {
    const userIds = ['user-1', 'nobody', 'user-2']
    const { status, body } = await service.post('/v1/predictions/churn:batch', { userIds })
    expect(status).toBe(200)
    expect(body.people.map(({ userId }: { userId: string }) => userId)).toEqual(userIds)
    expect(body.people[1].fallback.reason).toBe('unknown-user')
    const one = (await service.post('/v1/predictions/churn', { userId: 'user-2' })).body
    expect(body.people[2].probabilities).toEqual(one.probabilities)
    const refused = await service.post('/v1/predictions/churn:batch', { userIds: [] })
    expect(refused.body.errors[0]).toMatchObject({ field: 'userIds', message: expect.stringContaining('1 to 1000') })
  })

  it('explains what drives the probability, in its own words', async () => {
    const { body } = await service.post('/v1/predictions/churn', { userId: 'user-1', explain: true })
    const [{ probability, explanation }] = body.probabilities
    // Against someone with one event in the last week and another device; only the events count.
    expect(explanation.drivers.map(({ field }: { field: string }) => field)).toEqual(['activity'])
    expect(100 * explanation.typical + explanation.drivers[0].points).toBeCloseTo(100 * probability, 3)
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

describe('GET /v1/content/{id}/forecast', () => {
  it('goes on from what is counted, day by day, and never falls', async () => {
    const { status, body } = await service.get('/v1/content/content-6/forecast')
    expect(status).toBe(200)
    // Published on the 6th with 105 views; the features know all days before the 10th.
    expect(body).toMatchObject({ contentId: 'content-6', ageDays: 3, fallback: null })
    const [{ quantity, curve }] = body.counts
    expect(quantity).toBe('views')
    expect(curve.map(({ day }: { day: number }) => day)).toEqual(Array.from({ length: 26 }, (_, i) => 3 + i))
    expect(curve[0]).toEqual({ day: 3, value: 105, lower: 105, upper: 105 })
    expect(curve[4]).toMatchObject({ day: 7, value: 210, lower: 189, upper: 231 })
    expect(curve.at(-1)).toMatchObject({ day: 28, value: 315 })
    for (let i = 1; i < curve.length; i++) expect(curve[i].value).toBeGreaterThan(curve[i - 1].value)
  })

  it('knows no content that is not there', async () => {
    expect((await service.get('/v1/content/nothing/forecast')).status).toBe(404)
  })
})

describe('GET /v1/creators/{id}/posting-times', () => {
  it('finds the best hour of the next week, in UTC and on the local clock', async () => {
    // Now is Wednesday, 11 March 2026; the creator's best hour is Monday 00:00 UTC, that is the 16th, 5:30 in Kolkata.
    const { body } = await service.get('/v1/creators/creator-1/posting-times?limit=1&timeZone=Asia/Kolkata')
    expect(body).toMatchObject({ timeZone: 'Asia/Kolkata', basis: 'creator', posts: 12, fallback: null })
    expect(body.basisText).toBe('Mostly this creator’s own 12 posts on youtube.')
    const [slot] = body.slots
    expect(slot).toMatchObject({ startsAt: '2026-03-16T00:00:00.000Z', local: '2026-03-16T05:30', weekday: 0, hour: 5 })
    expect(slot.utcOffset).toBe('+05:30')
    expect([slot.lift, slot.lower, slot.upper]).toEqual([2, 1.9, 2.1])
  })

  it('gives all 168 hours of the week when asked', async () => {
    const { body } = await service.get('/v1/creators/creator-1/posting-times?limit=168&spacing=0')
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

  it.each([
    ['timeZone=Mars/Olympus', 'timeZone', 'IANA time zone'],
    ['timeZone=', 'timeZone', 'IANA time zone'],
    ['limit=0', 'limit', 'from 1 to 168'],
    ['spacing=25', 'spacing', 'from 0 to 24'],
    ['avoid=tomorrow', 'avoid', 'ISO 8601'],
    [`avoid=${Array.from({ length: 51 }, () => '2026-03-12T18:00:00Z').join(',')}`, 'avoid', '50'],
    ['from=2026-03-12', 'from', 'ISO 8601'],
    ['from=2026-03-10T00:00:00Z', 'from', 'from now to a year ahead'],
    ['from=2030-03-10T00:00:00Z', 'from', 'from now to a year ahead'],
    ['platform=', 'platform', 'characters'],
  ])('refuses %s, and names the field', async (query, field, message) => {
    const { status, body } = await service.get(`/v1/creators/creator-1/posting-times?${query}`)
    expect(status).toBe(400)
    expect(body.errors[0].field).toMatch(new RegExp(`^${field}`))
    expect(body.errors[0].message).toContain(message)
  })

  it('says plainly that there is too little data of the creator, and shows the creator’s own clock', async () => {
    const { body } = await service.get('/v1/creators/creator-2/posting-times?limit=1')
    expect(body).toMatchObject({ platform: 'youtube', timeZone: 'Europe/Berlin', basis: 'category', posts: 3 })
    expect(body.basisText).toBe(
      'Not enough data of this creator on youtube (3 posts): using category Comedy on youtube.',
    )
    // The 15th is before the change of clocks.
    expect(body.slots[0]).toMatchObject({ local: '2026-03-15T02:00', utcOffset: '+01:00', lift: 4 })
  })

  const berlin = async (from: string, more = '') =>
    (await service.get(`/v1/creators/creator-2/posting-times?from=${from}T12:00:00Z&${more}`)).body.slots as {
      startsAt: string
      local: string
      utcOffset: string
      lift: number
    }[]

  it('an evening stays an evening when clocks change, and the hour that is left out in spring is no slot', async () => {
    // Clocks go from 01:59 to 03:00 on 29 March.
    const week = await berlin('2026-03-25', 'limit=168&spacing=0')
    expect(week[0]).toMatchObject({ local: '2026-03-29T18:00', startsAt: '2026-03-29T16:00:00.000Z', lift: 1.5 })
    expect(week.filter(({ lift }) => lift === 4)).toEqual([])
    expect(new Set(week.map(({ local }) => local)).size).toBe(168)
    const [before] = await berlin('2026-03-18', 'limit=2&spacing=24')
    expect(before).toMatchObject({ local: '2026-03-22T02:00', startsAt: '2026-03-22T01:00:00.000Z' })
  })

  it('the hour that comes twice in autumn is two slots', async () => {
    const week = await berlin('2026-10-22', 'limit=168&spacing=0')
    expect(week.slice(0, 3)).toMatchObject([
      { startsAt: '2026-10-25T00:00:00.000Z', local: '2026-10-25T02:00', utcOffset: '+02:00', lift: 4 },
      { startsAt: '2026-10-25T01:00:00.000Z', local: '2026-10-25T02:00', utcOffset: '+01:00', lift: 4 },
      { startsAt: '2026-10-25T17:00:00.000Z', local: '2026-10-25T18:00', utcOffset: '+01:00', lift: 1.5 },
    ])
    // They are neighbours all the same.
    const spread = await berlin('2026-10-22', 'limit=2')
    expect(spread.map(({ lift }) => lift)).toEqual([4, 1.5])
  })

  it('slots keep their distance from each other, from planned posts and from what was just published', async () => {
    const starts = async (query: string): Promise<number[]> => {
      const { body } = await service.get(`/v1/creators/creator-1/posting-times?${query}`)
      return body.slots.map(({ startsAt }: { startsAt: string }) => Date.parse(startsAt) / 3_600_000)
    }
    const apart = (await starts('limit=168')).toSorted()
    expect(Math.min(...apart.slice(1).map((hour, i) => hour - apart[i]!))).toBe(3)
    const best = Date.parse('2026-03-16T00:00:00Z') / 3_600_000
    expect((await starts('limit=1'))[0]).toBe(best)
    expect((await starts('limit=1&avoid=2026-03-16T02:59:00Z'))[0]).not.toBe(best)
    expect((await starts('limit=1&avoid=2026-03-16T03:00:00Z,2026-03-15T20:30:00-00:30'))[0]).toBe(best)
  })
})
