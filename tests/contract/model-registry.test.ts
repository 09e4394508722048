import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MlflowClient } from '#mlflow-client'
import { modelNames } from '../../models/artifact/manifest.ts'
import { verifyArtifact } from '../../models/artifact/read-artifact.ts'
import { writeArtifact } from '../../models/artifact/write-artifact.ts'
import { openLocalRegistry } from '../../models/registry/local-registry.ts'
import { openMlflowRegistry } from '../../models/registry/mlflow-registry.ts'
import type { ModelRegistry } from '../../models/registry/model-registry.ts'
import { sampleArtifact } from '../support/sample-artifact.ts'

const uri = process.env.TEST_MLFLOW_URI
const mlflow = new MlflowClient(uri ?? 'http://127.0.0.1')
const experiment = `registry-contract-${randomUUID()}`
const usedPrefixes: string[] = []

const backends: { name: string; available: boolean; open: (dir: string) => Promise<ModelRegistry> }[] = [
  { name: 'local', available: true, open: async (dir) => openLocalRegistry(join(dir, 'registry'), { actor: 'ann' }) },
  {
    name: `mlflow${uri ? '' : ' (skipped: TEST_MLFLOW_URI is not set)'}`,
    available: uri !== undefined,
    open: (dir) => {
      const namePrefix = `${experiment}-${randomUUID()}-`
      usedPrefixes.push(namePrefix)
      return openMlflowRegistry({ uri: uri ?? '', experiment, dir: join(dir, 'registry'), actor: 'ann', namePrefix })
    },
  },
]

afterAll(async () => {
  for (const prefix of usedPrefixes) {
    for (const model of modelNames) await mlflow.registeredModels.delete(prefix + model).catch(() => undefined)
  }
  const left = uri === undefined ? undefined : await mlflow.experiments.getByName(experiment)
  if (left !== undefined) await mlflow.experiments.delete(left.experimentId)
})

for (const { name, available, open } of backends) {
  describe.skipIf(!available)(`model registry: ${name}`, () => {
    let dir: string
    let registry: ModelRegistry
    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), 'registry-'))
      registry = await open(dir)
    })
    afterEach(async () => {
      await registry.close()
      await rm(dir, { recursive: true, force: true })
    })

    /** Writes an artifact of y = factor·x and registers it. */
    async function register(factor: number): Promise<number> {
      const artifact = join(dir, `artifact-${randomUUID()}`)
      await writeArtifact(artifact, sampleArtifact({ factor, metric: factor / 10 }))
      return (await registry.register(artifact, `made with factor ${factor}`)).version
    }

    it('is empty before anything is registered', async () => {
      expect(await registry.list()).toEqual([])
      expect(await registry.champion('recommender')).toBeUndefined()
      expect(await registry.history()).toEqual([])
      await expect(registry.get('recommender', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(registry.promote('recommender', 1, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(registry.rollback('recommender', 'x')).rejects.toMatchObject({ code: 'CONFLICT' })
    })

    it('counts versions from 1 and makes each the challenger', async () => {
      expect([await register(1), await register(2)]).toEqual([1, 2])
      const versions = await registry.list('recommender')
      expect(versions.map(({ version, aliases }) => [version, aliases])).toEqual([
        [1, []],
        [2, ['challenger']],
      ])
      expect(versions[1]).toMatchObject({ model: 'recommender', runId: 'run-1', createdAt: '2026-01-02T03:04:05.000Z' })
      expect(versions[1]!.manifest.config).toEqual({ factor: 2 })
      expect(await registry.list('segments')).toEqual([])
    })

    it('gives back the files that were registered', async () => {
      await register(3)
      const fetched = await registry.fetch('recommender', 1)
      expect((await verifyArtifact(fetched)).config).toEqual({ factor: 3 })
      expect(await registry.fetch('recommender', 1)).toBe(fetched)
    })

    it('moves the champion, and leaves no challenger behind that became champion', async () => {
      await register(1)
      await registry.promote('recommender', 1, 'first')
      expect(await registry.champion('recommender')).toMatchObject({ version: 1, aliases: ['champion'] })
      await register(2)
      expect((await registry.get('recommender', 2)).aliases).toEqual(['challenger'])
      await registry.refuse('recommender', 2, 'not better')
      expect((await registry.champion('recommender'))?.version).toBe(1)
    })

    it('rolls back through earlier champions, and no further', async () => {
      for (const factor of [1, 2, 3]) {
        const version = await register(factor)
        if (version !== 2) await registry.promote('recommender', version, `promoted ${version}`)
      }
      await registry.promote('recommender', 2, 'by hand')
      // Champions were 1, 3, 2.
      expect((await registry.rollback('recommender', 'bad')).version).toBe(3)
      expect(await registry.champion('recommender')).toMatchObject({
        version: 3,
        aliases: expect.arrayContaining(['champion']),
      })
      expect((await registry.rollback('recommender', 'worse')).version).toBe(1)
      await expect(registry.rollback('recommender', 'no more')).rejects.toMatchObject({ code: 'CONFLICT' })
    })

    it('writes down who did what, and why', async () => {
      await register(1)
      await registry.promote('recommender', 1, 'beats popularity')
      await register(2)
      await registry.refuse('recommender', 2, 'worse than 1, “quoted” 😀')
      const history = await registry.history('recommender')
      expect(history.map((e) => [e.action, e.version, e.previousChampion, e.reason])).toEqual([
        ['register', 1, null, 'made with factor 1'],
        ['promote', 1, null, 'beats popularity'],
        ['register', 2, 1, 'made with factor 2'],
        ['refuse', 2, 1, 'worse than 1, “quoted” 😀'],
      ])
      expect(history.every(({ actor, model }) => actor === 'ann' && model === 'recommender')).toBe(true)
      expect(await registry.history()).toEqual(history)
    })

    it('takes no damaged artifact', async () => {
      const artifact = join(dir, 'damaged')
      await writeArtifact(artifact, sampleArtifact())
      await rm(join(artifact, 'vocabulary.json'))
      await expect(registry.register(artifact, 'x')).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
      expect(await registry.list()).toEqual([])
    })

    it('gives two registrations at once two versions', async () => {
      const versions = await Promise.all([register(1), register(2), register(3)])
      expect([...versions].sort()).toEqual([1, 2, 3])
      for (const version of versions) await registry.fetch('recommender', version)
      expect((await registry.history()).length).toBe(3)
    })
  })
}
