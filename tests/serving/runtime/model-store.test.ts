import { rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useService } from '../../support/use-service.ts'

const { world, service } = useService(['recommender', 'segments'])

const recommended = () => service.get('/v1/users/user-1/recommendations?limit=3')
const servedVersion = async (): Promise<number> => (await recommended()).body.model.version
const refusal = async (name: string) =>
  (await service.get('/v1/models')).body.models.find((model: { name: string }) => model.name === name).refused

describe('a promoted version', () => {
  it('takes over within seconds without a dropped request', async () => {
    const statuses = new Set<number>()
    const versions = new Set<number>()
    let asking = true
    const client = async (): Promise<void> => {
      while (asking) {
        const { status, body } = await recommended()
        statuses.add(status)
        versions.add(body.model.version)
      }
    }
    const clients = [client(), client(), client(), client()]
    const version = await world.promote('recommender')
    await expect.poll(() => versions.has(version), { timeout: 50_000 }).toBe(true)
    asking = false
    await Promise.all(clients)
    expect([...statuses]).toEqual([200])
    expect([...versions]).toEqual([version - 1, version])
  })

  it('gives way again after a rollback', async () => {
    const before = await servedVersion()
    await world.registry.rollback('recommender', 'worse in the shop')
    await expect.poll(servedVersion, { timeout: 50_000 }).toBe(before - 1)
  })

  it('that does not reproduce its golden batch is refused, and the old one stays', async () => {
    const before = await servedVersion()
    const bad = await world.promote('recommender', { goldenError: 1 })
    await expect
      .poll(() => refusal('recommender'), { timeout: 50_000 })
      .toMatchObject({ version: bad, code: 'ARTIFACT_INVALID' })
    expect(await servedVersion()).toBe(before)
    const ready = await service.get('/readyz')
    expect(ready).toMatchObject({ status: 200, body: { status: 'degraded' } })
    await world.registry.rollback('recommender', 'it was bad')
    await expect.poll(() => refusal('recommender'), { timeout: 50_000 }).toBeNull()
  })

  it('that was trained on other features is refused with what to run, and the old one stays', async () => {
    const version = await world.promote('segments', { schemaHash: '0'.repeat(64) })
    await expect
      .poll(() => refusal('segments'), { timeout: 50_000 })
      .toMatchObject({
        version,
        code: 'FEATURES_CHANGED',
        message: expect.stringContaining('contentflow train segments'),
      })
    expect((await service.get('/v1/users/user-1/segment')).body.model.version).toBe(1)
  })

  it('whose files are damaged on the disk is refused, and the old one stays', async () => {
    const before = await servedVersion()
    const version = await world.promote('recommender')
    await truncate(join(world.config.registryDir, 'recommender', 'versions', String(version), 'similarItems.int32'), 8)
    await expect.poll(() => refusal('recommender'), { timeout: 50_000 }).toMatchObject({ code: 'ARTIFACT_INVALID' })
    expect(await servedVersion()).toBe(before)
  })
})

describe('a registry that is gone', () => {
  it('leaves what serves serving', async () => {
    await rm(world.config.registryDir, { recursive: true })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect((await recommended()).body.model).not.toBeNull()
    expect((await service.get('/v1/models')).status).toBe(200)
  })
})
