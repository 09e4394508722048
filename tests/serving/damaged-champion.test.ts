import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServiceWorld, type ServiceWorld, type TestService } from '../support/service-world.ts'

let world: ServiceWorld
let service: TestService

beforeAll(async () => {
  world = await createServiceWorld([])
  await world.promote('recommender', { goldenError: 1 })
  service = await world.start()
})

afterAll(async () => {
  await service.close()
  await world.remove()
})

describe('a champion that was refused at the start', () => {
  it.each(['/v1/users/user-1/recommendations', '/v1/content/content-1/similar'])(
    'is why %s answers with what trends, in the words of /readyz',
    async (path) => {
      const { problems } = (await service.get('/readyz')).body
      const said: string = problems.find((problem: string) => problem.startsWith('recommender: version 1 refused'))
      const { fallback } = (await service.get(path)).body
      expect(fallback).toMatchObject({
        reason: 'model-missing',
        detail: expect.stringContaining('version 1 was refused'),
      })
      expect(fallback.detail).toContain(said.slice('recommender: version 1 refused: '.length))
    },
  )

  it('is told to several users in the same words', async () => {
    const one = (await service.get('/v1/users/user-1/recommendations')).body.fallback
    const { recommendations } = (await service.post('/v1/recommendations:batch', { users: ['user-1', 'nobody'] })).body
    expect(recommendations.map((list: { fallback: unknown }) => list.fallback)).toEqual([one, one])
  })
})

describe('a service that never had a champion', () => {
  it('says that there is none', async () => {
    const other = await createServiceWorld([])
    const fresh = await other.start()
    const { fallback } = (await fresh.get('/v1/users/user-1/recommendations')).body
    expect(fallback).toMatchObject({
      reason: 'model-missing',
      detail: expect.stringContaining('no version is champion'),
    })
    await fresh.close()
    await other.remove()
  })
})
