import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MlflowClient, type Run } from '#mlflow-client'
import { silentLogger } from '../../../log.ts'
import { openMlflowTracker } from '../../../training/tracking/mlflow-tracker.ts'
import { readRunRecord, writeRunRecord } from '../../../training/tracking/run-folder.ts'
import type { Tracker } from '../../../training/tracking/tracker.ts'
import { CuttableProxy } from '../../support/cuttable-proxy.ts'

const uri = process.env.TEST_MLFLOW_URI
const mlflow = new MlflowClient(uri ?? 'http://127.0.0.1')
const experiment = `tracker-test-${randomUUID()}`

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mlflow-tracker-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))
afterAll(async () => {
  const left = uri === undefined ? undefined : await mlflow.experiments.getByName(experiment)
  if (left !== undefined) await mlflow.experiments.delete(left.experimentId)
})

const open = (trackingUri = uri ?? ''): Promise<Tracker> =>
  openMlflowTracker({
    uri: trackingUri,
    experiment,
    runsDir: join(dir, 'runs'),
    user: 'ann',
    log: silentLogger,
    retries: 1,
  })

const newRun = { job: 'recommender', parameters: { epochs: 3, long: 'x'.repeat(7000) }, tags: { note: 'a' } }

async function pointsOf(runId: string, key: string): Promise<[step: number, value: number][]> {
  const points: [number, number][] = []
  for await (const { step, value } of mlflow.runs.metricHistory(runId, key)) points.push([step, value])
  return points
}

const tagsOf = (run: Run): Record<string, string> =>
  Object.fromEntries((run.data.tags ?? []).map(({ key, value }) => [key, value]))

describe.skipIf(!uri)(`MLflow tracker${uri ? '' : ' (skipped: TEST_MLFLOW_URI is not set)'}`, () => {
  it('sends parameters, metrics, tags, data sets and files', async () => {
    const tracker = await open()
    const run = await tracker.start(newRun)
    expect((await mlflow.runs.get(run.runId)).info).toMatchObject({ runName: 'recommender', status: 'RUNNING' })
    run.metrics({ 'val/ndcg@10': 0.1, 'val/odd': Number.NaN }, 1)
    run.metrics({ 'val/ndcg@10': 0.2 }, 2)
    run.dataset('interactions', 'training', 80, 'abc')
    run.dataset('interactions', 'test', 20, 'abc')
    run.tag('gate', 'passed')
    await writeFile(join(dir, 'report.html'), '<h1>Report</h1>')
    run.artifact(join(dir, 'report.html'), 'reports')
    await run.finish('FINISHED')

    const stored = await mlflow.runs.get(run.runId)
    expect(stored.info.status).toBe('FINISHED')
    expect(await pointsOf(run.runId, 'val/ndcg_at_10')).toEqual([
      [1, 0.1],
      [2, 0.2],
    ])
    expect(await pointsOf(run.runId, 'val/odd')).toEqual([])
    expect(tagsOf(stored)).toMatchObject({
      gate: 'passed',
      note: 'a',
      'mlflow.user': 'ann',
      'contentflow.dropped_metrics': '1',
    })
    const params = Object.fromEntries(stored.data.params!.map(({ key, value }) => [key, value]))
    expect(params.epochs).toBe('3')
    expect(params.long).toMatch(/… \(cut\)$/)
    expect(stored.inputs?.datasetInputs?.map((input) => input.tags[0]?.value).sort()).toEqual(['test', 'training'])
    const report = await mlflow.artifacts.download(stored.info.artifactUri, 'reports/report.html')
    expect(Buffer.from(report).toString()).toBe('<h1>Report</h1>')
    expect(readRunRecord(join(dir, 'runs', run.runId)).mlflow?.delivered).toBe(true)
  })

  it('shows metrics while the run lasts', async () => {
    const run = await (await open()).start(newRun)
    run.metrics({ loss: 0.5 }, 1)
    const until = Date.now() + 15_000
    while ((await pointsOf(run.runId, 'loss')).length === 0 && Date.now() < until) await sleep(200)
    expect(await pointsOf(run.runId, 'loss')).toEqual([[1, 0.5]])
    await run.finish('FINISHED')
    expect(await pointsOf(run.runId, 'loss')).toEqual([[1, 0.5]])
  })

  it('loses nothing when the server goes away mid-run and is back before the end', async () => {
    const proxy = await CuttableProxy.open(uri ?? '')
    const run = await (await open(proxy.uri)).start(newRun)
    run.metrics({ loss: 1 }, 1)
    await sleep(2500) // long enough for one sending
    await proxy.cut()
    run.metrics({ loss: 0.5 }, 2)
    await sleep(2500)
    await proxy.mend()
    run.metrics({ loss: 0.25 }, 3)
    await run.finish('FINISHED')
    expect(await pointsOf(run.runId, 'loss')).toEqual([
      [1, 1],
      [2, 0.5],
      [3, 0.25],
    ])
    await proxy.cut()
  })

  it('does not fail the training when the server stays away, and sends all of it next time', async () => {
    const proxy = await CuttableProxy.open(uri ?? '')
    const run = await (await open(proxy.uri)).start(newRun)
    await proxy.cut()
    run.metrics({ loss: 1 }, 1)
    run.tag('gate', 'refused')
    await run.finish('FINISHED')
    expect(readRunRecord(join(dir, 'runs', run.runId)).mlflow?.delivered).toBe(false)
    expect((await mlflow.runs.get(run.runId)).info.status).toBe('RUNNING')

    await proxy.mend()
    await open(proxy.uri)
    const stored = await mlflow.runs.get(run.runId)
    expect(stored.info.status).toBe('FINISHED')
    expect(tagsOf(stored).gate).toBe('refused')
    expect(await pointsOf(run.runId, 'loss')).toEqual([[1, 1]])
    expect(readRunRecord(join(dir, 'runs', run.runId)).mlflow?.delivered).toBe(true)
    await proxy.cut()
  })

  it('ends runs in MLflow that a dead process left RUNNING', async () => {
    const tracker = await open()
    const run = await tracker.start(newRun)
    run.metrics({ loss: 1 }, 1)
    const folder = join(dir, 'runs', run.runId)
    writeRunRecord(folder, { ...readRunRecord(folder), pid: 2 ** 22 + 1, host: hostname() })
    await open()
    expect((await mlflow.runs.get(run.runId)).info.status).toBe('KILLED')
    expect(await pointsOf(run.runId, 'loss')).toEqual([[1, 1]])
    await run.finish('KILLED')
  })

  it('goes on with a run that was killed', async () => {
    const tracker = await open()
    const first = await tracker.start(newRun)
    first.metrics({ loss: 1 }, 1)
    await first.finish('KILLED')
    const second = await tracker.start({ ...newRun, resumeRunId: first.runId })
    expect(second.runId).toBe(first.runId)
    expect((await mlflow.runs.get(first.runId)).info.status).toBe('RUNNING')
    second.metrics({ loss: 0.5 }, 2)
    await second.finish('FINISHED')
    expect(await pointsOf(first.runId, 'loss')).toEqual([
      [1, 1],
      [2, 0.5],
    ])
    expect((await mlflow.runs.get(first.runId)).info.status).toBe('FINISHED')
  })
})

describe('MLflow tracker without a server', () => {
  it('says at the start what is wrong and what to do', async () => {
    await expect(open('http://127.0.0.1:9')).rejects.toMatchObject({
      code: 'REGISTRY_FAILED',
      message: expect.stringMatching(/http:\/\/127\.0\.0\.1:9 gave no answer.*correct MLFLOW_TRACKING_URI/),
    })
  })
})
