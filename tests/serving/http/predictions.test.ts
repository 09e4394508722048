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

  it('says which moment it is asked about, and knows more with first counts', async () => {
    const before = await service.post('/v1/predictions/engagement', draft)
    expect(before.body).toMatchObject({ moment: 'before-publication', earlyFields: ['early_views'] })
    const after = await service.post('/v1/predictions/engagement', {
      ...draft,
      early: { early_views: 40 },
      explain: true,
    })
    expect(after.body).toMatchObject({
      moment: 'after-first-day',
      // Twice the early views ± 10.
      predictions: [{ value: 80, lower: 70, upper: 90, explanation: { drivers: [{ field: 'early' }] } }],
    })
  })

  it('compares a published content with drafts', async () => {
    const drafts = [draft, { ...draft, early: { early_views: 400 } }]
    const { body } = await service.post('/v1/predictions/engagement', { drafts })
    expect(body.drafts.map(({ moment }: { moment: string }) => moment)).toEqual([
      'before-publication',
      'after-first-day',
    ])
    expect(body.ranking.map(({ index }: { index: number }) => index)).toEqual([1, 0])
  })

  it('refuses counts that it does not know, and to change what is published', async () => {
    const asked = (more: object) => service.post('/v1/predictions/engagement', more)
    const odd = { ...draft, early: { claps: 1 } }
    expect((await asked(odd)).body.errors[0].field).toBe('early.claps')
    expect((await asked({ drafts: [draft, odd] })).body.errors[0].field).toBe('drafts.1.early.claps')
    const { status, body } = await asked({ ...draft, early: { early_views: 1 }, suggest: true })
    expect(status).toBe(400)
    expect(body.errors[0].field).toBe('suggest')
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

describe('POST /v1/predictions/revenue', () => {
  it('says what a draft earns, and what that is of its cost', async () => {
    const { status, body } = await service.post('/v1/predictions/revenue', { ...draft, costUsd: 2 })
    expect(status).toBe(200)
    // The model by hand: 100 · 3 words ± 10 cents, of 2 dollars.
    expect(body).toMatchObject({
      revenueUsd: [{ horizonDays: 28, value: 3, lower: 2.9, upper: 3.1 }],
      returnOnInvestment: { horizonDays: 28, value: 0.5, lower: 0.45, upper: 0.55 },
      model: { name: 'revenue', version: 1 },
      // Nobody earned anything with sponsors, but creator-1 is known.
      fallback: null,
    })
  })

  it('has no return without a cost, and refuses one that is none', async () => {
    expect((await service.post('/v1/predictions/revenue', draft)).body.returnOnInvestment).toBeNull()
    for (const costUsd of [0, -5, '10', 1e300]) {
      const { status, body } = await service.post('/v1/predictions/revenue', { ...draft, costUsd })
      expect(status).toBe(400)
      expect(body.errors[0]).toMatchObject({ field: 'costUsd', message: expect.stringContaining('US dollars') })
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

describe('a prediction that is to be explained', () => {
  it('says by which factor each input moves a count from the typical one', async () => {
    const { status, body } = await service.post('/v1/predictions/engagement', { ...draft, explain: true })
    expect(status).toBe(200)
    const [prediction] = body.predictions
    expect(prediction.value).toBe(300)
    // Against titles of one and five words: √(101 · 501) − 1 = 223.947 views; of all inputs only the title counts.
    expect(prediction.explanation).toEqual({
      typical: expect.closeTo(223.947, 2),
      drivers: [{ field: 'title', label: 'title', factor: expect.closeTo(301 / 224.947, 4) }],
    })
  })

  it('says by how many percentage points each input moves a probability', async () => {
    const given = { ...draft, early: { early_views: 7 }, explain: true }
    const { body } = await service.post('/v1/predictions/virality', given)
    // sigmoid(7 − 5) = 0.880797 against sigmoid(5 − 5) = 0.5
    expect(body.explanation).toEqual({
      typical: 0.5,
      drivers: [{ field: 'early', label: 'first counts', points: 38.0797 }],
    })
  })

  it('is not held against first counts when there are none', async () => {
    const { body } = await service.post('/v1/predictions/virality', { ...draft, explain: true })
    expect(body.explanation).toEqual({ typical: 0.5, drivers: [] })
  })

  it('is not explained unasked', async () => {
    const { body } = await service.post('/v1/predictions/engagement', draft)
    expect(body.predictions[0]).not.toHaveProperty('explanation')
    expect(body).not.toHaveProperty('suggestions')
  })

  it('by a model of before there were explanations, is refused with what to run; the prediction itself is not', async () => {
    const version = await world.promote('engagement', { withoutBackground: true })
    const explained = () => service.post('/v1/predictions/engagement', { ...draft, explain: true })
    await expect.poll(async () => (await explained()).status, { timeout: 50_000 }).toBe(409)
    expect((await explained()).body).toMatchObject({
      code: 'CONFLICT',
      detail: expect.stringContaining('contentflow train engagement'),
    })
    expect((await service.post('/v1/predictions/engagement', draft)).body.model.version).toBe(version)
    await world.registry.rollback('engagement', 'explanations are wanted')
    await expect.poll(async () => (await explained()).status, { timeout: 50_000 }).toBe(200)
  })
})

describe('several drafts', () => {
  const titled = (title: string) => ({ creatorId: 'creator-1', title })

  it('are ranked by the headline, with what lies between them', async () => {
    const drafts = [titled('one'), titled('one two three'), titled('one two three four')]
    const { status, body } = await service.post('/v1/predictions/engagement', { drafts })
    expect(status).toBe(200)
    expect(body.drafts.map((one: { predictions: { value: number }[] }) => one.predictions[0]!.value)).toEqual([
      100, 300, 400,
    ])
    expect(body.target).toBe('views_7d')
    // Intervals of ± 10 do not reach over 100 views.
    expect(body.ranking).toEqual([
      { index: 2, value: 400, factorToBest: 1, overlapsBest: true },
      { index: 1, value: 300, factorToBest: expect.closeTo(301 / 401, 5), overlapsBest: false },
      { index: 0, value: 100, factorToBest: expect.closeTo(101 / 401, 5), overlapsBest: false },
    ])
  })

  it('that are alike share the best interval, the first given first', async () => {
    const { body } = await service.post('/v1/predictions/engagement', { drafts: [titled('a b'), titled('c d')] })
    expect(body.ranking.map((one: { index: number }) => one.index)).toEqual([0, 1])
    expect(body.ranking[1]).toMatchObject({ factorToBest: 1, overlapsBest: true })
  })

  it('each say when nothing is known of their creator', async () => {
    const drafts = [titled('a b'), { creatorId: 'new/one', title: 'c' }]
    const { body } = await service.post('/v1/predictions/engagement', { drafts })
    expect(body.drafts.map((one: { fallback: { reason: string } | null }) => one.fallback?.reason)).toEqual([
      undefined,
      'unknown-creator',
    ])
  })

  it.each([
    [[], 'drafts', '2 to 20'],
    [[titled('a')], 'drafts', '2 to 20'],
    [Array.from({ length: 21 }, () => titled('a')), 'drafts', '2 to 20'],
    ['x', 'drafts', 'a list'],
    [[titled('a'), { creatorId: 'c' }], 'drafts.1.title', 'a text'],
  ])('given as %j are refused with the field and the range', async (drafts, field, message) => {
    const { status, body } = await service.post('/v1/predictions/engagement', { drafts })
    expect(status).toBe(400)
    expect(body.errors).toContainEqual({ field, message: expect.stringContaining(message) })
  })
})

describe('POST /v1/predictions/virality', () => {
  it('gives a probability, with the first counts when there are any', async () => {
    const before = await service.post('/v1/predictions/virality', draft)
    expect(before.body).toMatchObject({
      probability: 0.5,
      moment: 'before-publication',
      earlyFields: ['early_views'],
      fallback: null,
    })
    const after = await service.post('/v1/predictions/virality', { ...draft, early: { early_views: 7 } })
    expect(after.body.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 5) // sigmoid(7 − 5)
    expect(after.body.moment).toBe('after-first-day')
    expect(after.body.aboveThreshold).toEqual({
      probability: 0.119203, // sigmoid(5 − 7)
      threshold: 1000,
      definition: 'more than 1,000 views',
    })
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
