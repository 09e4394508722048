import { describe, expect, it } from 'vitest'
import { useService } from '../../support/use-service.ts'

const { service } = useService(['engagement', 'virality'])

const draft = { creatorId: 'creator-1', title: 'three words here' }
const engagement = '/v1/predictions/engagement'
const virality = '/v1/predictions/virality'

describe('an odd draft that is answered', () => {
  it.each([
    ['of emoji only', { title: '🎬🎬 😀' }, 200],
    ['of mixed scripts', { title: 'नमस्ते world привет 世界 שלום' }, 500],
    ['without a title', { title: '' }, 0],
    ['of lone surrogates', { title: '\ud83d \udc00' }, 200],
    ['of the longest title', { title: 'x '.repeat(250) }, 25_000],
    ['of no length', { durationSeconds: 0 }, 300],
    ['of the longest texts', { description: '😀'.repeat(10_000), tags: new Array(100).fill('t'.repeat(200)) }, 300],
    ['published in 1970', { plannedAt: 0 }, 300],
    ['planned for 2099', { plannedAt: '2099-12-31T23:59:59Z' }, 300],
  ])('%s', async (_, odd, views) => {
    const { status, body } = await service.post(engagement, { ...draft, ...odd, explain: true, suggest: true })
    expect(status).toBe(200)
    expect(body.predictions[0].value).toBe(views)
    expect(body.suggestions).toEqual([])
    expect(JSON.stringify(body.predictions)).not.toContain('null') // as NaN and Infinity would be
  })

  it('of a value that the model has not learned, is told so', async () => {
    const { status, body } = await service.post(engagement, { ...draft, platform: 'a platform of tomorrow' })
    expect(status).toBe(200)
    expect(body.unknownFields).toEqual(['platform'])
    // Category and language are no inputs of this model: there is nothing to learn of them.
    const { body: known } = await service.post(engagement, { ...draft, platform: 'youtube', category: 'Klingon opera' })
    expect(known).not.toHaveProperty('unknownFields')
  })

  it.each([{}, { early: {} }])('without first counts (%j) is as before publication', async (early) => {
    expect((await service.post(virality, { ...draft, ...early })).body.probability).toBe(0.5)
  })

  it('of absurd counts is as good as certain, and still a probability', async () => {
    const { body } = await service.post(virality, { ...draft, early: { early_views: 1e10 }, explain: true })
    expect(body).toMatchObject({ probability: 1, explanation: { drivers: [{ field: 'early', points: 50 }] } })
  })
})

describe('an odd draft that is refused', () => {
  it.each([
    ['title', { title: 'x'.repeat(100_000) }, 'expected at most 500 characters'],
    ['title', { title: 'x'.repeat(501) }, 'expected at most 500 characters'],
    ['plannedAt', { plannedAt: '9999-12-31T23:59:59Z' }, 'before the year 2100'],
    ['plannedAt', { plannedAt: -1 }, 'expected seconds since 1970'],
    ['explain', { explain: 'yes' }, 'expected true or false'],
    ['suggest', { suggest: 1 }, 'expected true or false'],
    ['early.views', { early: { views: 1 } }, 'expected one of early_views'],
    ['early.views', { early: { views: -1 } }, 'expected a whole number'],
  ])('names %s', async (field, odd, message) => {
    const { status, body } = await service.post(engagement, { ...draft, ...odd })
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ field, message: expect.stringContaining(message) }])
    expect(JSON.stringify(body).length).toBeLessThan(1000) // a long text is not sent back
  })

  it.each([
    ['early.early_views', -5],
    ['early.early_views', 0.5],
    ['early.early_views', 1e11],
    ['early.early_views', null],
    ['early.early_views', '7'],
  ])('names a count: %s of %j', async (field, value) => {
    const { status, body } = await service.post(virality, { ...draft, early: { early_views: value } })
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ field, message: expect.stringContaining('expected a whole number from 0') }])
  })

  it.each([
    ['NaN', 'expected JSON'],
    ['Infinity', 'expected JSON'],
    ['-Infinity', 'expected JSON'],
    ['1e999', 'expected seconds from 0'],
  ])('with %s for a number', async (number, message) => {
    const text = `{"creatorId":"creator-1","title":"a","durationSeconds":${number}}`
    const { status, body } = await service.post(engagement, text)
    expect(status).toBe(400)
    expect(body.detail).toContain(message)
  })

  it.each(['__proto__', 'constructor', 'toString'])(
    'with a field called %s, which changes nothing for others',
    async (key) => {
      const text = `{"creatorId":"creator-1","title":"a","${key}":{"explain":true}}`
      const { status, body } = await service.post(engagement, text)
      expect(status).toBe(400)
      expect(body.errors[0]).toMatchObject({ field: key, message: expect.stringContaining('unknown') })
      expect((await service.post(engagement, draft)).body.predictions[0]).not.toHaveProperty('explanation')
    },
  )

  it.each(['__proto__', 'constructor', 'toString'])(
    'with an early count called %s, wherever it stands',
    async (name) => {
      const good = '{"creatorId":"creator-1","title":"a"}'
      const odd = `{"creatorId":"creator-1","title":"a","early":{"early_views":7,"${name}":1}}`
      const drafts = `{"drafts":[${good},${odd}]}`
      for (const [path, text, field] of [
        [engagement, odd, `early.${name}`],
        [virality, odd, `early.${name}`],
        [engagement, drafts, `drafts.1.early.${name}`],
        [`${engagement}:batch`, drafts, `drafts.1.early.${name}`],
        [`${virality}:batch`, drafts, `drafts.1.early.${name}`],
      ] as const) {
        const { status, body } = await service.post(path, text)
        expect([path, status]).toEqual([path, 400])
        expect(body.errors).toEqual([{ field, message: expect.stringContaining('known') }])
      }
      for (const path of [engagement, virality]) {
        const lines = await service.post(`${path}:batch`, `${good}\n${odd}\n`, {
          'content-type': 'application/x-ndjson',
        })
        const [first, second] = lines.body
          .trimEnd()
          .split('\n')
          .map((line: string) => JSON.parse(line))
        expect(first).toMatchObject({ line: 1, fallback: null })
        expect(second).toMatchObject({ line: 2, status: 400, errors: [{ field: `early.${name}` }] })
      }
    },
  )

  it('in a comparison or a batch, by its place', async () => {
    const drafts = [draft, { ...draft, title: 'x'.repeat(100_000) }]
    for (const path of [engagement, `${engagement}:batch`]) {
      const { status, body } = await service.post(path, { drafts })
      expect([path, status]).toEqual([path, 400])
      expect(body.errors).toEqual([
        { field: 'drafts.1.title', message: expect.stringContaining('expected at most 500 characters') },
      ])
    }
  })
})
