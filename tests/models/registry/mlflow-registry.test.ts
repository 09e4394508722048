import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MlflowClient } from '#mlflow-client'
import { verifyArtifact } from '../../../models/artifact/read-artifact.ts'
import { type ArtifactContent, writeArtifact } from '../../../models/artifact/write-artifact.ts'
import { openMlflowRegistry } from '../../../models/registry/mlflow-registry.ts'
import { auditTag } from '../../../models/registry/mlflow-tags.ts'
import type { ModelRegistry } from '../../../models/registry/model-registry.ts'
import { makeGolden } from '../../../training/export/golden.ts'
import { OnnxGraph } from '../../../training/export/onnx-graph.ts'
import { sampleArtifact } from '../../support/sample-artifact.ts'

const uri = process.env.TEST_MLFLOW_URI
const python = process.env.TEST_MLFLOW_PYTHON
const mlflow = new MlflowClient(uri ?? 'http://127.0.0.1')
const namePrefix = `registry-test-${randomUUID()}-`
const registeredName = `${namePrefix}recommender`

let dir: string
let registry: ModelRegistry
let cacheDir: string

async function open(): Promise<ModelRegistry> {
  return openMlflowRegistry({
    uri: uri ?? '',
    experiment: namePrefix,
    dir: join(dir, 'registry'),
    actor: 'ann',
    namePrefix,
  })
}

async function register(content: ArtifactContent): Promise<number> {
  const artifact = join(dir, `artifact-${randomUUID()}`)
  await writeArtifact(artifact, content)
  return (await registry.register(artifact, 'test')).version
}

/** score[i] = weight[user[i]], and the rows of `numeric` doubled: the forms of input that our models have. */
function twoHeads(): ArtifactContent {
  const graph = new OnnxGraph('two-heads')
  const user = graph.input('user', 'int32', [-1])
  const numeric = graph.input('numeric', 'float32', [-1, 2])
  const weights = graph.constant('weights', Float32Array.of(0.5, 1.5, 2.5), [3])
  graph.output('score', graph.node('Gather', [weights, user], { axis: 0 }), 'float32', [-1])
  const two = graph.constant('two', Float32Array.of(2), [])
  graph.output('doubled', graph.node('Mul', [numeric, two]), 'float32', [-1, 2])
  const { manifest, arrays, json } = sampleArtifact()
  return {
    network: graph.build(),
    arrays,
    json,
    golden: makeGolden(
      {
        user: { shape: [2], data: Int32Array.of(2, 0) },
        numeric: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      },
      {
        score: { shape: [2], data: Float32Array.of(2.5, 0.5) },
        doubled: { shape: [2, 2], data: Float32Array.of(2, 4, 6, 8) },
      },
    ),
    manifest: {
      ...manifest,
      inputs: [
        { name: 'user', dtype: 'int32', shape: [-1] },
        { name: 'numeric', dtype: 'float32', shape: [-1, 2] },
      ],
      outputs: [
        { name: 'score', dtype: 'float32', shape: [-1] },
        { name: 'doubled', dtype: 'float32', shape: [-1, 2] },
      ],
    },
  }
}

describe.skipIf(!uri)(`MLflow registry${uri ? '' : ' (skipped: TEST_MLFLOW_URI is not set)'}`, () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'mlflow-registry-'))
    cacheDir = join(dir, 'registry/mlflow-cache/recommender')
    registry = await open()
  })
  afterAll(async () => {
    await mlflow.registeredModels.delete(registeredName).catch(() => undefined)
    await mlflow.experiments.delete(await mlflow.experiments.ensure(namePrefix))
    await rm(dir, { recursive: true, force: true })
  })

  it('links a version to the run it came from, with its metrics', async () => {
    const experimentId = await mlflow.experiments.ensure(namePrefix)
    const { runId } = (await mlflow.runs.create({ experimentId })).info
    const version = await register(sampleArtifact({ runId, metric: 0.75 }))
    const stored = await mlflow.modelVersions.get(registeredName, String(version))
    expect(stored.runId).toBe(runId)
    expect(stored.tags).toContainEqual({ key: 'contentflow.headline', value: 'ndcg@10 = 0.75' })
    const { data } = await mlflow.runs.get(runId)
    expect(data.metrics?.map(({ key, value }) => [key, value])).toEqual([['test/ndcg_at_10', 0.75]])
  })

  it('downloads a cached artifact again when it is damaged', async () => {
    const version = await register(sampleArtifact())
    const fetched = await registry.fetch('recommender', version)
    await appendFile(join(fetched, 'model.onnx'), 'x')
    await verifyArtifact(await registry.fetch('recommender', version))
  })

  it('downloads a cached artifact again when its manifest is not the registered one', async () => {
    const version = await register(sampleArtifact({ metric: 0.75 }))
    const path = join(await registry.fetch('recommender', version), 'manifest.json')
    const registered = await readFile(path, 'utf8')
    await writeFile(path, registered.replace('0.75', '0.99'))
    await registry.fetch('recommender', version)
    expect(await readFile(path, 'utf8')).toBe(registered)
  })

  it('refuses a version whose files were changed in MLflow', async () => {
    const version = await register(sampleArtifact())
    const uriOfFiles = await mlflow.modelVersions.downloadUri(registeredName, String(version))
    await mlflow.artifacts.upload(uriOfFiles, 'vocabulary.json', '{"items":["other"]}')
    await expect(registry.fetch('recommender', version)).rejects.toThrow(
      /vocabulary\.json: expected \d+ bytes, got \d+/,
    )
    await mlflow.artifacts.upload(uriOfFiles, 'manifest.json', '{}')
    await expect(registry.fetch('recommender', version)).rejects.toThrow(
      /manifest\.json .* was changed after registration/,
    )
    expect((await readdir(cacheDir)).filter((name) => name.includes('.tmp-'))).toEqual([])
  })

  it('keeps the champion when a promotion was killed before the alias moved, and a rerun or a rollback works', async () => {
    const [first, second, third] = [
      await register(sampleArtifact()),
      await register(sampleArtifact()),
      await register(sampleArtifact()),
    ]
    await registry.promote('recommender', first, 'good')
    await registry.promote('recommender', second, 'better')
    /** All that a process had done that was killed then: the audit line is written first. */
    const killed = async (version: number): Promise<void> => {
      const entry = { at: new Date().toISOString(), model: 'recommender', action: 'promote', version } as const
      const { key, value } = auditTag({ ...entry, previousChampion: second, actor: 'ann', reason: 'killed' })
      await mlflow.modelVersions.setTag(registeredName, String(version), key, value)
    }
    await killed(third)
    expect((await registry.champion('recommender'))?.version).toBe(second)
    await registry.promote('recommender', third, 'again')
    expect((await registry.champion('recommender'))?.version).toBe(third)
    expect((await registry.rollback('recommender', 'worse')).version).toBe(second)
    await killed(third)
    expect((await registry.rollback('recommender', 'worse still')).version).toBe(first)
  })

  it('leaves out a version that another program registered', async () => {
    const before = (await registry.list('recommender')).length
    const experimentId = await mlflow.experiments.ensure(namePrefix)
    const { modelId } = (await mlflow.loggedModels.create({ experimentId, name: 'foreign' })).info
    await mlflow.loggedModels.finalize(modelId, 'LOGGED_MODEL_READY')
    const foreign = await mlflow.modelVersions.create({ name: registeredName, source: `models:/${modelId}`, modelId })
    expect((await registry.list('recommender')).length).toBe(before)
    await expect(registry.get('recommender', Number(foreign.version))).rejects.toThrow(
      'was not registered by ContentFlow',
    )
  })

  it('sees from another machine what this one did', async () => {
    const version = await register(sampleArtifact())
    await registry.promote('recommender', version, 'here')
    const elsewhere = await openMlflowRegistry({
      uri: uri ?? '',
      experiment: namePrefix,
      dir: join(dir, 'elsewhere'),
      actor: 'bob',
      namePrefix,
    })
    expect((await elsewhere.champion('recommender'))?.version).toBe(version)
    expect((await elsewhere.history('recommender')).at(-1)).toMatchObject({
      action: 'promote',
      actor: 'ann',
      reason: 'here',
    })
  })

  describe.skipIf(!python)(`for a Python user${python ? '' : ' (skipped: TEST_MLFLOW_PYTHON is not set)'}`, () => {
    it('gives our numbers with mlflow.pyfunc.load_model', async () => {
      const content = twoHeads()
      await registry.promote('recommender', await register(content), 'for Python')
      const script = `
import json, sys, mlflow, numpy as np
request = json.load(open(sys.argv[1]))
mlflow.set_tracking_uri(request["uri"])
model = mlflow.pyfunc.load_model(request["model"])
inputs = {n: np.array(t["data"], dtype=request["dtypes"][n]).reshape(t["shape"]) for n, t in request["inputs"].items()}
print(json.dumps({n: np.asarray(v).tolist() for n, v in model.predict(inputs).items()}))`
      const request = {
        uri,
        model: `models:/${registeredName}@champion`,
        inputs: content.golden.inputs,
        dtypes: Object.fromEntries(content.manifest.inputs.map(({ name, dtype }) => [name, dtype])),
      }
      await writeFile(join(dir, 'request.json'), JSON.stringify(request))
      const { stdout } = await promisify(execFile)(python ?? '', ['-c', script, join(dir, 'request.json')])
      expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
        score: [2.5, 0.5],
        doubled: [
          [2, 4],
          [6, 8],
        ],
      })
    }, 120_000)
  })
})

describe('MLflow registry without a server', () => {
  it('says what is wrong and what to do', async () => {
    const options = { uri: 'http://u:secret@127.0.0.1:9', experiment: 'x', dir: tmpdir(), actor: 'ann' }
    const error = await openMlflowRegistry(options).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'REGISTRY_FAILED' })
    expect(String(error)).toContain('correct MLFLOW_TRACKING_URI')
    expect(String(error)).not.toContain('secret')
  })
})
