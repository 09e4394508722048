import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readMetrics } from '../../../training/tracking/metrics-file.ts'
import {
  findUnfinishedRun,
  listRuns,
  type RunRecord,
  readRunRecord,
  sweepDeadRuns,
  writeRunRecord,
} from '../../../training/tracking/run-folder.ts'

let runsDir: string
beforeEach(() => {
  runsDir = mkdtempSync(join(tmpdir(), 'runs-'))
})
afterEach(() => rmSync(runsDir, { recursive: true, force: true }))

const deadPid = 2 ** 22 + 1 // above the largest pid of Linux

function addRun(runId: string, change: Partial<RunRecord> = {}): void {
  writeRunRecord(join(runsDir, runId), {
    runId,
    job: 'recommender',
    status: 'RUNNING',
    startedAt: 1000,
    endedAt: null,
    pid: deadPid,
    host: hostname(),
    parameters: {},
    tags: { 'contentflow.fingerprint': 'f' },
    datasets: [],
    droppedMetrics: 0,
    mlflow: null,
    ...change,
  })
}

describe('sweepDeadRuns', () => {
  it('marks the runs of dead processes, and no others', () => {
    addRun('dead')
    addRun('alive', { pid: process.ppid })
    addRun('finished', { status: 'FINISHED' })
    addRun('elsewhere', { host: 'another machine' })
    expect(sweepDeadRuns(runsDir).map(({ runId }) => runId)).toEqual(['dead'])
    expect(readRunRecord(join(runsDir, 'dead')).status).toBe('KILLED')
    expect(readRunRecord(join(runsDir, 'alive')).status).toBe('RUNNING')
  })

  it('marks a run of an earlier process that had our own number', () => {
    addRun('earlier', { pid: process.pid })
    expect(sweepDeadRuns(runsDir).length).toBe(1)
  })

  it('marks a run of another machine that has been silent for a day', () => {
    addRun('silent', { host: 'another machine' })
    const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000)
    utimesSync(join(runsDir, 'silent/run.json'), twoDaysAgo, twoDaysAgo)
    expect(sweepDeadRuns(runsDir).length).toBe(1)
  })

  it('is not stopped by a damaged record', () => {
    mkdirSync(join(runsDir, 'damaged'))
    writeFileSync(join(runsDir, 'damaged/run.json'), '{"runId":')
    addRun('dead')
    expect(sweepDeadRuns(runsDir).map(({ runId }) => runId)).toEqual(['dead'])
    expect(() => readRunRecord(join(runsDir, 'damaged'))).toThrow('Delete the folder')
  })

  it('finds nothing where there is no folder', () => {
    expect(listRuns(join(runsDir, 'none'))).toEqual([])
  })
})

describe('findUnfinishedRun', () => {
  it('takes the latest one of the same fingerprint and tracking server', () => {
    addRun('first', { status: 'KILLED', startedAt: 1 })
    addRun('latest', { status: 'FAILED', startedAt: 2 })
    addRun('remote', {
      status: 'KILLED',
      startedAt: 3,
      mlflow: { uri: 'http://m', experimentId: '1', delivered: false },
    })
    addRun('other', { status: 'KILLED', startedAt: 4, tags: { 'contentflow.fingerprint': 'g' } })
    addRun('finished', { status: 'FINISHED', startedAt: 5 })
    addRun('alive', { pid: process.ppid, startedAt: 6 })
    expect(findUnfinishedRun(runsDir, 'f', undefined)?.runId).toBe('latest')
    expect(findUnfinishedRun(runsDir, 'f', 'http://m')?.runId).toBe('remote')
    expect(findUnfinishedRun(runsDir, 'h', undefined)).toBeUndefined()
  })
})

describe('readMetrics', () => {
  it('reads whole lines, goes on where it stopped, and steps over a line that a kill cut off', () => {
    const path = join(runsDir, 'metrics.ndjson')
    const line = (step: number): string => `${JSON.stringify({ at: 1, step, values: { a: step } })}\n`
    expect(readMetrics(runsDir, 0)).toEqual({ lines: [], end: 0 })
    writeFileSync(path, `${line(1)}{"at":1,"st`)
    const first = readMetrics(runsDir, 0)
    expect(first.lines.map(({ step }) => step)).toEqual([1])
    writeFileSync(path, `${line(1)}{"at":1,"st\n${line(2)}`)
    const second = readMetrics(runsDir, first.end)
    expect(second.lines.map(({ step }) => step)).toEqual([2])
    expect(readMetrics(runsDir, second.end).lines).toEqual([])
  })
})
