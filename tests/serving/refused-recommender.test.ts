import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServiceWorld, recommenderWorld, type ServiceWorld, type TestService } from '../support/service-world.ts'
import { writeRecommender } from '../support/small-artifacts.ts'

const reason = 'Does not beat item-knn in NDCG@10: −0.0003 against item-knn.'
let world: ServiceWorld
let service: TestService

beforeAll(async () => {
  world = await createServiceWorld([])
  const dir = join(world.config.dataDir, 'refused')
  await writeRecommender(dir, recommenderWorld)
  const { version } = await world.registry.register(dir, 'made by hand')
  await world.registry.refuse('recommender', version, reason)
  service = await world.start()
})

afterAll(async () => {
  await service.close()
  await world.remove()
})

const recommended = async (user: string) => (await service.get(`/v1/users/${user}/recommendations?limit=4`)).body

describe('a recommender that the gate refused, without a champion', () => {
  it('leaves the ranking to its neighbour lists, and says so', async () => {
    const body = await recommended('user-1')
    expect(body).toMatchObject({
      ranking: 'neighbours',
      model: { name: 'recommender', version: 1 },
      fallback: {
        reason: 'model-refused',
        detail: expect.stringContaining('Does not beat item-knn in NDCG@10), so'),
      },
    })
    // content-5 follows content-2, which user-1 saw last. Only the refused network likes content-6: it trends no more than others.
    expect(body.items[0]).toMatchObject({ contentId: 'content-5', reason: { code: 'next', becauseOf: 'content-2' } })
    expect(body.items.map((item: { reason: { code: string } }) => item.reason.code)).not.toContain('taste')
  })

  it('gives a user without history what trends', async () => {
    expect(await recommended('nobody')).toMatchObject({ ranking: 'trending', fallback: { reason: 'unknown-user' } })
  })

  it('still knows what goes together, marked', async () => {
    const { body } = await service.get('/v1/content/content-1/similar')
    expect(body.items.map((item: { contentId: string }) => item.contentId)).toEqual(['content-3', 'content-4'])
    expect(body).toMatchObject({ model: { version: 1 }, fallback: { reason: 'model-refused' } })
  })

  it('does not count as serving', async () => {
    const { models } = (await service.get('/v1/models')).body
    const model = models.find((one: { name: string }) => one.name === 'recommender')
    expect(model).toMatchObject({ serving: null, standIn: { version: 1, reason } })
    const { body } = await service.get('/readyz')
    expect(body.models.recommender).toBeNull()
    expect(body.problems).toContain('recommender: no champion; version 1 was refused, its neighbour lists answer')
    const metrics = (await service.get('/metrics')).body
    expect(metrics).toContain('contentflow_model_version{model="recommender"} 0')
    expect(metrics).toContain('contentflow_model_refused{model="recommender"} 1')
    expect(metrics).toContain('contentflow_model_stand_in_version{model="recommender"} 1')
    expect(metrics).toContain('contentflow_model_refused{model="virality"} 0')
  })

  it('stays when a newer one that was refused as well is damaged', async () => {
    const dir = join(world.config.dataDir, 'damaged')
    await writeRecommender(dir, recommenderWorld, { goldenError: 1 })
    const { version } = await world.registry.register(dir, 'made by hand')
    await world.registry.refuse('recommender', version, reason)
    const status = async () =>
      (await service.get('/v1/models')).body.models.find((one: { name: string }) => one.name === 'recommender')
    await expect
      .poll(status, { timeout: 50_000 })
      .toMatchObject({ refused: { version, code: 'ARTIFACT_INVALID' }, standIn: { version: 1 } })
    expect(await recommended('user-1')).toMatchObject({ ranking: 'neighbours', model: { version: 1 } })
  })

  it('gives way to its own promotion', async () => {
    await world.registry.promote('recommender', 1, 'by hand')
    await expect
      .poll(() => recommended('user-1'), { timeout: 50_000 })
      .toMatchObject({ ranking: 'model', model: { version: 1 }, fallback: null })
  })
})
