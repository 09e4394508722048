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

describe('POST /v1/predictions/virality', () => {
  it('gives a probability, with the first counts when there are any', async () => {
    const before = await service.post('/v1/predictions/virality', draft)
    expect(before.body).toMatchObject({
      probability: 0.5,
      lift: 2, // of a quarter of all
      moment: 'before-publication',
      earlyFields: ['early_views'],
      fallback: null,
    })
    const after = await service.post('/v1/predictions/virality', { ...draft, early: { early_views: 7 } })
    expect(after.body.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 5) // sigmoid(7 − 5)
    expect(after.body.moment).toBe('after-first-day')
    expect(after.body.aboveThreshold).toEqual({
      probability: 0.119203, // sigmoid(5 − 7)
      lift: null,
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
    for (const costUsd of [0, 5e-324, 0.009, -5, '10', 1e300]) {
      const { status, body } = await service.post('/v1/predictions/revenue', { ...draft, costUsd })
      expect(status).toBe(400)
      expect(body.errors[0]).toMatchObject({ field: 'costUsd', message: expect.stringContaining('US dollars') })
    }
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
