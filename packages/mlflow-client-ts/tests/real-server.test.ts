import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  filterText,
  MlflowAlreadyExistsError,
  MlflowApiError,
  MlflowClient,
  MlflowInputError,
  MlflowNotFoundError,
} from '../src/index.ts'

const uri = process.env.TEST_MLFLOW_URI

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe.skipIf(!uri)(
  `MlflowClient against a real server${uri ? '' : ' (skipped: TEST_MLFLOW_URI is not set)'}`,
  () => {
    const mlflow = new MlflowClient(uri ?? 'http://127.0.0.1')
    const name = `client-test-${randomUUID()}`
    let experimentId: string
    let folder: string

    beforeAll(async () => {
      experimentId = await mlflow.experiments.ensure(name)
      folder = await mkdtemp(join(tmpdir(), 'mlflow-client-'))
    })
    afterAll(async () => {
      await mlflow.registeredModels.delete(name).catch(() => undefined)
      await mlflow.experiments.delete(experimentId)
      await rm(folder, { recursive: true, force: true })
    })

    const newRun = async (tags: { key: string; value: string }[] = []): Promise<string> =>
      (await mlflow.runs.create({ experimentId, tags })).info.runId

    it('says which version the server has', async () => {
      expect(await mlflow.version()).toMatch(/^\d+\.\d+/)
    })

    describe('experiments', () => {
      it('finds the same experiment when it is ensured again', async () => {
        expect(await mlflow.experiments.ensure(name)).toBe(experimentId)
        expect((await mlflow.experiments.get(experimentId)).name).toBe(name)
      })

      it('refuses a name that is taken', async () => {
        await expect(mlflow.experiments.create(name)).rejects.toThrow(MlflowAlreadyExistsError)
      })

      it('restores a deleted experiment when it is ensured', async () => {
        const other = `${name}-deleted`
        const id = await mlflow.experiments.create(other)
        await mlflow.experiments.delete(id)
        expect((await mlflow.experiments.getByName(other))?.lifecycleStage).toBe('deleted')
        expect(await mlflow.experiments.ensure(other)).toBe(id)
        expect((await mlflow.experiments.get(id)).lifecycleStage).toBe('active')
        await mlflow.experiments.delete(id)
      })

      it('has no experiment of an unknown name', async () => {
        expect(await mlflow.experiments.getByName(randomUUID())).toBeUndefined()
      })

      it('sets, finds by and deletes tags, and renames', async () => {
        const other = await mlflow.experiments.create(`${name}-tags`)
        await mlflow.experiments.setTag(other, 'team', 'media')
        const filter = `name LIKE '${name}%' AND tags.team = 'media'`
        expect((await collect(mlflow.experiments.search({ filter }))).map((e) => e.experimentId)).toEqual([other])
        await mlflow.experiments.deleteTag(other, 'team')
        await expect(mlflow.experiments.deleteTag(other, 'team')).rejects.toThrow(MlflowNotFoundError)
        await mlflow.experiments.rename(other, `${name}-renamed`)
        expect((await mlflow.experiments.get(other)).name).toBe(`${name}-renamed`)
        await mlflow.experiments.delete(other)
      })
    })

    describe('runs', () => {
      it('logs more than one request takes, once, and reads it back in pages', async () => {
        const runId = await newRun()
        // 2500 points need three requests of at most 1000; 150 parameters and 120 tags need two.
        const metrics = Array.from({ length: 2500 }, (_, step) => ({
          key: 'val/loss',
          value: 1 / (step + 1),
          step,
          timestamp: 1000 + step,
        }))
        const params = Array.from({ length: 150 }, (_, i) => ({ key: `p${i}`, value: String(i) }))
        const tags = Array.from({ length: 120 }, (_, i) => ({ key: `t${i}`, value: String(i) }))
        await mlflow.runs.logBatch(runId, { metrics, params, tags })
        await mlflow.runs.logBatch(runId, { metrics: metrics.slice(0, 10) }) // as after a lost answer
        const history = await collect(mlflow.runs.metricHistory(runId, 'val/loss', 1000))
        expect(history.length).toBe(2500)
        expect(history[4]).toMatchObject({ step: 4, value: 0.2, timestamp: 1004 })
        const { data } = await mlflow.runs.get(runId)
        expect(data.params?.length).toBe(150)
        expect(data.tags?.filter(({ key }) => /^t\d+$/.test(key)).length).toBe(120)
      })

      it('keeps NaN, and stores infinity as the largest double', async () => {
        const runId = await newRun()
        await mlflow.runs.logMetric(runId, 'nothing', Number.NaN)
        await mlflow.runs.logMetric(runId, 'most', Number.POSITIVE_INFINITY)
        const values = Object.fromEntries((await mlflow.runs.get(runId)).data.metrics!.map((m) => [m.key, m.value]))
        expect(values).toEqual({ nothing: Number.NaN, most: Number.MAX_VALUE })
      })

      it('has no points of an unknown metric', async () => {
        expect(await collect(mlflow.runs.metricHistory(await newRun(), 'unknown'))).toEqual([])
      })

      it('compares one metric of several runs', async () => {
        const runs = [await newRun(), await newRun()]
        for (const [i, runId] of runs.entries()) await mlflow.runs.logMetric(runId, 'ndcg', i, { step: 1 })
        const points = await mlflow.runs.metricHistories(runs, 'ndcg')
        expect(points.map(({ runId, value }) => [runId, value]).sort()).toEqual(runs.map((id, i) => [id, i]).sort())
      })

      it('refuses another value for a parameter', async () => {
        const runId = await newRun()
        await mlflow.runs.logParam(runId, 'k', '1')
        await mlflow.runs.logParam(runId, 'k', '1')
        await expect(mlflow.runs.logParam(runId, 'k', '2')).rejects.toThrow(MlflowApiError)
      })

      it('is found by tag and metric, ends and reopens', async () => {
        const job = randomUUID()
        const runId = await newRun([{ key: 'job', value: job }])
        await mlflow.runs.logMetric(runId, 'test/ndcg_at_10', 0.2)
        await mlflow.runs.update(runId, { status: 'FINISHED', endTime: Date.now() })
        const filter = `tags.job = ${filterText(job)} AND metrics.\`test/ndcg_at_10\` > 0.1`
        const [found, ...others] = await collect(mlflow.runs.search({ experimentIds: [experimentId], filter }))
        expect(found?.info).toMatchObject({ runId, status: 'FINISHED' })
        expect(others).toEqual([])
        expect((await mlflow.runs.update(runId, { status: 'RUNNING' })).status).toBe('RUNNING')
      })

      it('searches through several pages', async () => {
        const key = randomUUID()
        for (let i = 0; i < 3; i++) await newRun([{ key: 'page', value: key }])
        const search = { experimentIds: [experimentId], filter: `tags.page = '${key}'`, pageSize: 1 }
        expect((await collect(mlflow.runs.search(search))).length).toBe(3)
      })

      it('records the data set of each split', async () => {
        const runId = await newRun()
        const dataset = { name: 'interactions', sourceType: 'local', source: 'marts', profile: '{"num_rows":7}' }
        await mlflow.runs.logInputs(runId, [
          { context: 'training', dataset: { ...dataset, digest: 'a1' } },
          { context: 'test', dataset: { ...dataset, digest: 'a2' } },
        ])
        const inputs = (await mlflow.runs.get(runId)).inputs?.datasetInputs ?? []
        expect(inputs.map((input) => [input.dataset.digest, input.tags[0]?.value]).sort()).toEqual([
          ['a1', 'training'],
          ['a2', 'test'],
        ])
      })

      it('refuses a digest that is too long before it is sent', async () => {
        const dataset = { name: 'd', digest: 'x'.repeat(37), sourceType: 'local', source: 's' }
        await expect(mlflow.runs.logInputs('unused', [{ context: 'test', dataset }])).rejects.toThrow(MlflowInputError)
      })

      it('takes no writes while it is deleted', async () => {
        const runId = await newRun()
        await mlflow.runs.delete(runId)
        await expect(mlflow.runs.setTag(runId, 'a', 'b')).rejects.toThrow(MlflowApiError)
        await mlflow.runs.restore(runId)
        await mlflow.runs.setTag(runId, 'a', 'b')
        await mlflow.runs.deleteTag(runId, 'a')
      })

      it('does not exist under an unknown id', async () => {
        await expect(mlflow.runs.get('0'.repeat(32))).rejects.toThrow(MlflowNotFoundError)
      })
    })

    describe('artifacts', () => {
      it('brings back what was uploaded, also from names with spaces, umlauts and question marks', async () => {
        const { artifactUri } = (await mlflow.runs.create({ experimentId })).info
        const file = join(folder, 'in.bin')
        const content = new Uint8Array(300_000).map((_, i) => i % 251)
        await writeFile(file, content)
        await mlflow.artifacts.uploadFile(artifactUri, 'plots/größe 1?.bin', file)
        await mlflow.artifacts.upload(artifactUri, 'empty.txt', '')
        expect(await collect(mlflow.artifacts.walk(artifactUri))).toEqual([
          expect.objectContaining({ path: 'empty.txt' }),
          { path: 'plots/größe 1?.bin', isDir: false, fileSize: 300_000 },
        ])
        const downloaded = await mlflow.artifacts.download(artifactUri, 'plots/größe 1?.bin')
        expect(Buffer.compare(downloaded, content)).toBe(0)
        await mlflow.artifacts.downloadFile(artifactUri, 'plots/größe 1?.bin', join(folder, 'out.bin'))
        expect(Buffer.compare(await readFile(join(folder, 'out.bin')), content)).toBe(0)
        await mlflow.artifacts.delete(artifactUri, 'plots')
        expect((await mlflow.artifacts.list(artifactUri)).map(({ path }) => path)).toEqual(['empty.txt'])
      })

      it('are not there under an unknown name, and an unknown folder is empty', async () => {
        const { artifactUri } = (await mlflow.runs.create({ experimentId })).info
        await expect(mlflow.artifacts.download(artifactUri, 'none')).rejects.toThrow(MlflowNotFoundError)
        await expect(mlflow.artifacts.downloadFile(artifactUri, 'none', join(folder, 'none'))).rejects.toThrow(
          MlflowNotFoundError,
        )
        await expect(readFile(join(folder, 'none'))).rejects.toThrow('ENOENT')
        expect(await mlflow.artifacts.list(artifactUri, 'none')).toEqual([])
      })

      it('do not leave their folder', async () => {
        const { artifactUri } = (await mlflow.runs.create({ experimentId })).info
        await expect(mlflow.artifacts.upload(artifactUri, '../x', 'x')).rejects.toThrow(MlflowInputError)
        await expect(mlflow.artifacts.upload('s3://bucket/x', 'x', 'x')).rejects.toThrow('does not proxy')
      })
    })

    describe('models', () => {
      it('go from a run to a version behind an alias', async () => {
        const runId = await newRun()
        const { info } = await mlflow.loggedModels.create({
          experimentId,
          name: 'ranker',
          modelType: 'ranking',
          sourceRunId: runId,
        })
        expect(info.status).toBe('LOGGED_MODEL_PENDING')
        await mlflow.artifacts.upload(info.artifactUri, 'model.txt', 'weights')
        await mlflow.loggedModels.logParams(info.modelId, [{ key: 'k', value: '8' }])
        await mlflow.loggedModels.setTags(info.modelId, [{ key: 'gate', value: 'passed' }])
        await mlflow.loggedModels.finalize(info.modelId, 'LOGGED_MODEL_READY')
        await mlflow.runs.logOutputs(runId, [{ modelId: info.modelId, step: 0 }])
        expect((await mlflow.loggedModels.get(info.modelId)).info.status).toBe('LOGGED_MODEL_READY')
        const search = { experimentIds: [experimentId], filter: `tags.gate = 'passed'` }
        expect((await collect(mlflow.loggedModels.search(search))).map((m) => m.info.modelId)).toEqual([info.modelId])

        await mlflow.registeredModels.ensure(name, { description: 'a test' })
        await mlflow.registeredModels.ensure(name)
        const source = `models:/${info.modelId}`
        const { version } = await mlflow.modelVersions.create({
          name,
          source,
          modelId: info.modelId,
          tags: [{ key: 'a', value: 'b' }],
        })
        expect(version).toBe('1')
        expect(await mlflow.registeredModels.getByAlias(name, 'champion')).toBeUndefined()
        await mlflow.registeredModels.setAlias(name, 'champion', version)
        const champion = await mlflow.registeredModels.getByAlias(name, 'champion')
        expect(champion).toMatchObject({ version: '1', runId, aliases: ['champion'] })
        expect(await mlflow.modelVersions.downloadUri(name, version)).toContain('mlflow-artifacts:/')
        await mlflow.modelVersions.setTag(name, version, 'gate', 'passed')
        const versions = await collect(mlflow.modelVersions.search({ filter: `name = ${filterText(name)}` }))
        expect(versions.map((v) => v.tags?.length)).toEqual([2])

        const second = await mlflow.modelVersions.create({ name, source, modelId: info.modelId })
        await mlflow.registeredModels.setAlias(name, 'champion', second.version)
        await mlflow.modelVersions.delete(name, second.version)
        // The alias went with its version, and the number is not used again.
        expect(await mlflow.registeredModels.getByAlias(name, 'champion')).toBeUndefined()
        expect((await mlflow.modelVersions.create({ name, source, modelId: info.modelId })).version).toBe('3')
        expect((await mlflow.registeredModels.get(name)).aliases).toBeUndefined()
      })

      it('are described, tagged, found, renamed and deleted', async () => {
        const first = `${name}-a`
        const second = `${name}-b`
        await mlflow.registeredModels.create(first, { tags: [{ key: 'team', value: 'media' }] })
        await expect(mlflow.registeredModels.create(first)).rejects.toThrow(MlflowAlreadyExistsError)
        await mlflow.registeredModels.update(first, 'described')
        await mlflow.registeredModels.setTag(first, 'stage', 'x')
        await mlflow.registeredModels.deleteTag(first, 'team')
        await mlflow.registeredModels.rename(first, second)
        const found = await collect(mlflow.registeredModels.search({ filter: `name LIKE '${name}-%'`, pageSize: 1 }))
        expect(found.map((model) => [model.name, model.description, model.tags])).toEqual([
          [second, 'described', [{ key: 'stage', value: 'x' }]],
        ])
        const { modelId } = (await mlflow.loggedModels.create({ experimentId, name: 'empty' })).info
        await mlflow.loggedModels.finalize(modelId, 'LOGGED_MODEL_READY')
        const { version } = await mlflow.modelVersions.create({ name: second, source: `models:/${modelId}`, modelId })
        await mlflow.modelVersions.update(second, version, 'first version')
        await mlflow.modelVersions.setTag(second, version, 'a', 'b')
        await mlflow.modelVersions.deleteTag(second, version, 'a')
        const stored = await mlflow.modelVersions.get(second, version)
        expect(stored).toMatchObject({ description: 'first version', status: 'READY' })
        await mlflow.registeredModels.setAlias(second, 'champion', version)
        await mlflow.registeredModels.deleteAlias(second, 'champion')
        await mlflow.registeredModels.deleteAlias(second, 'champion')
        expect(await mlflow.registeredModels.getByAlias(second, 'champion')).toBeUndefined()
        await mlflow.registeredModels.delete(second)
        await expect(mlflow.registeredModels.get(second)).rejects.toThrow(MlflowNotFoundError)
        await mlflow.loggedModels.delete(modelId)
        await expect(mlflow.loggedModels.get(modelId)).rejects.toThrow(MlflowNotFoundError)
      })
    })
  },
)
