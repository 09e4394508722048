import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MlflowClient } from '#mlflow-client'
import { silentLogger } from '../../log.ts'
import { openMlflowRegistry } from '../../models/registry/mlflow-registry.ts'
import { LastChampions } from '../../serving/runtime/last-champions.ts'
import { ModelStore } from '../../serving/runtime/model-store.ts'
import { openScorer } from '../../serving/runtime/open-scorer.ts'
import { ReopeningRegistry } from '../../serving/runtime/reopening-registry.ts'
import { CuttableProxy } from '../support/cuttable-proxy.ts'
import { recommenderWorld } from '../support/service-world.ts'
import { writeRecommender } from '../support/small-artifacts.ts'
import { useService } from '../support/use-service.ts'

const uri = process.env.TEST_MLFLOW_URI
const nobody = 'http://127.0.0.1:9' // the discard port: nothing listens there

describe('the service whose MLflow is away at the start', () => {
  const { world } = useService(['recommender'])

  it('starts with the champions that it served last, and says that it is degraded', async () => {
    const { registryDir } = world.config
    const dir = await world.registry.fetch('recommender', 1)
    await new LastChampions(join(registryDir, 'last-champions.json'), silentLogger).keep('recommender', 7, dir)
    const service = await world.start({ MLFLOW_TRACKING_URI: nobody })
    const { body } = await service.get('/v1/users/user-1/recommendations')
    expect(body).toMatchObject({ ranking: 'model', model: { name: 'recommender', version: 7 }, fallback: null })
    const ready = await service.get('/readyz')
    expect(ready).toMatchObject({
      status: 200,
      body: { status: 'degraded', models: { recommender: 7, virality: null } },
    })
    expect(ready.body.problems).toContainEqual(expect.stringContaining(`registry: MLflow at ${nobody} gave no answer`))
    expect((await service.get('/v1/models')).body.registryProblem).toContain(nobody)
    await service.close()
  }, 40_000)
})

describe('the service whose MLflow takes calls and never answers', () => {
  const { world } = useService([])
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
  })

  beforeAll(async () => {
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })

  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  it('says while it starts that it loads, serves after a while, and stops at once', async () => {
    const free = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        server.close(() => resolve(port))
      })
    })
    const { port } = silent.address() as AddressInfo
    const env = { MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`, PORT: String(free) }
    const starting = world.start(env, { startWaitMs: 2000 })
    const ask = (path: string) => fetch(`http://127.0.0.1:${free}${path}`)
    await expect
      .poll(() =>
        ask('/healthz')
          .then((answer) => answer.status)
          .catch(() => 0),
      )
      .toBe(200)
    const ready = await ask('/readyz')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ status: 'not ready', problems: ['loading models and catalogue'] })
    const early = await ask('/v1/trending')
    expect(early.status).toBe(503)
    expect(await early.json()).toMatchObject({ code: 'TOO_BUSY', detail: expect.stringContaining('loading') })
    expect(early.headers.get('retry-after')).toBe('1')

    const service = await starting
    expect((await service.get('/v1/trending')).status).toBe(200)
    const startedAt = performance.now()
    await service.close()
    // Half a second of grace; MLflow's own time-outs and repetitions would take minutes.
    expect(performance.now() - startedAt).toBeLessThan(8000)
  })
})

describe.skipIf(!uri)(
  `models from an MLflow that comes and goes${uri ? '' : ' (skipped: TEST_MLFLOW_URI is not set)'}`,
  () => {
    const namePrefix = `serving-test-${randomUUID()}-`
    let dir: string
    let proxy: CuttableProxy
    let models: ModelStore

    /** As a service makes it, on a folder that outlives it. */
    const openModels = (): ModelStore =>
      new ModelStore({
        registry: new ReopeningRegistry(() => open(proxy.uri)),
        lastChampions: new LastChampions(join(dir, 'last-champions.json'), silentLogger),
        openScorer,
        schemaHash: () => undefined,
        log: silentLogger,
      })
    const open = (to: string) =>
      openMlflowRegistry({ uri: to, experiment: namePrefix, dir: join(dir, 'registry'), actor: 'ann', namePrefix })

    /** Trains and promotes the next version, from a machine whose line to MLflow holds. */
    async function promote(): Promise<number> {
      const trainer = await open(uri!)
      const artifact = join(dir, randomUUID())
      await writeRecommender(artifact, recommenderWorld)
      const { version } = await trainer.register(artifact, 'made by hand')
      await trainer.promote('recommender', version, 'beats popularity')
      return version
    }

    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), 'contentflow-'))
      proxy = await CuttableProxy.open(uri!)
      models = openModels()
    })

    afterEach(async () => {
      await models.close()
      await proxy.cut().catch(() => undefined)
      await rm(dir, { recursive: true, force: true })
      const mlflow = new MlflowClient(uri!)
      await mlflow.registeredModels.delete(`${namePrefix}recommender`)
    })

    it('goes on with what is in memory, starts with what was cached, and catches up', async () => {
      const first = await promote()
      await models.poll()
      expect(models.peek('recommender')?.version).toBe(first)

      await proxy.cut()
      await models.poll()
      expect(models.peek('recommender')?.version).toBe(first)
      expect(models.registryError()?.code).toBe('REGISTRY_FAILED')

      await models.close() // the service is restarted while MLflow is away
      models = openModels()
      await models.recall()
      await models.poll()
      expect(models.peek('recommender')?.version).toBe(first)

      const second = await promote()
      await proxy.mend()
      await models.poll()
      expect(models.peek('recommender')?.version).toBe(second)
      expect(models.registryError()).toBeUndefined()
    }, 60_000)
  },
)
