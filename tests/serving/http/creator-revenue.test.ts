import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServiceWorld, type ServiceWorld, type TestService } from '../../support/service-world.ts'

describe('GET /v1/creators/{id}/revenue', () => {
  let world: ServiceWorld
  let service: TestService
  beforeAll(async () => {
    world = await createServiceWorld(['creator-revenue'])
    service = await world.start()
  })
  afterAll(async () => {
    await service.close()
    await world.remove()
  })

  it('answers in dollars, the shortest horizon first', async () => {
    // Six contents of half a dollar.
    const { status, body } = await service.get('/v1/creators/creator-1/revenue')
    expect(status).toBe(200)
    expect(body).toMatchObject({ creatorId: 'creator-1', fallback: null, model: { name: 'creator-revenue' } })
    expect(body.revenueUsd).toEqual([
      { horizonDays: 7, value: 0.75, lower: 0.675, upper: 0.825 },
      { horizonDays: 28, value: 3, lower: 2.7, upper: 3.3 },
    ])
  })

  it('explains each horizon on demand, against others’ revenue in dollars', async () => {
    const { body } = await service.get('/v1/creators/creator-1/revenue?explain=true')
    const [week, month] = body.revenueUsd
    expect(month.explanation.typical).toBeCloseTo(1, 5)
    expect(week.explanation.typical).toBeCloseTo(0.25, 5)
    const [driver, ...others] = month.explanation.drivers
    expect(others).toEqual([])
    expect(driver).toMatchObject({ field: 'revenue', label: 'creator’s revenue' })
    expect(driver.factor).toBeCloseTo(301 / 101, 3)
  })

  it('foretells nothing of whom it does not know', async () => {
    const { status, body } = await service.get('/v1/creators/nobody/revenue')
    expect(status).toBe(200)
    expect(body).toMatchObject({ revenueUsd: [], fallback: { reason: 'unknown-creator' } })
  })

  it('foretells nothing of who earned nothing, and says what to ask instead', async () => {
    await world.features.run('update fct_content_daily set ad_revenue_usd = 0')
    await world.features.build()
    await world.features.materialise()
    const later = await world.start()
    try {
      const { body } = await later.get('/v1/creators/creator-1/revenue?explain=true')
      expect(body).toMatchObject({ revenueUsd: [], fallback: { reason: 'nothing-earned' } })
      expect(body.fallback.detail).toContain('/v1/predictions/revenue')
    } finally {
      await later.close()
    }
  })

  it.each([
    ['explain=yes', 'explain', 'expected true or false'],
    ['explain=', 'explain', 'expected true or false'],
    ['days=7', 'days', ''],
  ])('refuses ?%s by name', async (query, field, words) => {
    const { status, body } = await service.get(`/v1/creators/creator-1/revenue?${query}`)
    expect(status).toBe(400)
    expect(JSON.stringify(body)).toContain(field)
    expect(JSON.stringify(body)).toContain(words)
  })
})
