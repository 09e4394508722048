import { appendFileSync, copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import type { Logger } from '../../log.ts'
import { metricName } from '../../models/registry/metric-name.ts'
import { type RunRecord, readRunRecord, runsOfThisProcess, writeRunRecord } from './run-folder.ts'
import type { RunTracker, Tracker } from './tracker.ts'

export type StartedRun = Parameters<Tracker['start']>[0]

/** One line of metrics.ndjson: the values of a step; `at` in ms since 1970. */
export interface MetricsLine {
  readonly at: number
  readonly step: number
  readonly values: Readonly<Record<string, number>>
}

/** A run kept in a folder: `run.json`, `metrics.ndjson` and `artifacts/`. Everything is on the disk when the call returns. */
export interface LocalRun extends RunTracker {
  readonly dir: string
}

/**
 * Opens the folder of a new run, or of one to go on with.
 *
 * @param mlflow where else the run is tracked; null for nowhere
 */
export function openLocalRun(
  runsDir: string,
  runId: string,
  started: StartedRun,
  mlflow: RunRecord['mlflow'],
  log: Logger,
): LocalRun {
  const dir = join(runsDir, runId)
  const earlier = existsSync(join(dir, 'run.json')) ? readRunRecord(dir) : undefined
  let record: RunRecord = {
    runId,
    job: started.job,
    status: 'RUNNING',
    startedAt: earlier?.startedAt ?? Date.now(),
    endedAt: null,
    pid: process.pid,
    host: hostname(),
    parameters: { ...started.parameters },
    tags: { ...earlier?.tags, ...started.tags },
    datasets: [],
    droppedMetrics: earlier?.droppedMetrics ?? 0,
    mlflow,
  }
  const save = (change: Partial<RunRecord>): void => {
    record = { ...record, ...change }
    writeRunRecord(dir, record)
  }
  runsOfThisProcess.add(runId)
  save({})
  mkdirSync(join(dir, 'artifacts'), { recursive: true })

  /** Tracking must never end a training: what fails is logged. */
  const attempt = (what: string, work: () => void): void => {
    try {
      work()
    } catch (error) {
      log.warn({ runId, err: error }, `run ${runId}: ${what} could not be recorded`)
    }
  }

  return {
    runId,
    dir,

    metrics(values, step) {
      const named = Object.entries(values).map(([name, value]) => [metricName(name), value] as const)
      const finite = named.filter(([, value]) => Number.isFinite(value))
      const dropped = named.length - finite.length
      attempt('metrics', () => {
        if (dropped > 0) {
          const names = named.filter(([, value]) => !Number.isFinite(value)).map(([name]) => name)
          log.warn({ runId, step, names }, 'metrics that are not finite are dropped and counted')
          save({ droppedMetrics: record.droppedMetrics + dropped })
        }
        if (finite.length === 0) return
        const line: MetricsLine = { at: Date.now(), step, values: Object.fromEntries(finite) }
        appendFileSync(join(dir, 'metrics.ndjson'), `${JSON.stringify(line)}\n`)
      })
    },

    dataset(name, context, rows, digest) {
      attempt(`data set ${name}`, () => save({ datasets: [...record.datasets, { name, context, rows, digest }] }))
    },

    artifact(file, folder = '') {
      attempt(`artifact ${file}`, () => {
        mkdirSync(join(dir, 'artifacts', folder), { recursive: true })
        copyFileSync(file, join(dir, 'artifacts', folder, basename(file)))
      })
    },

    tag(key, value) {
      attempt(`tag ${key}`, () => save({ tags: { ...record.tags, [key]: value } }))
    },

    async finish(status) {
      attempt('its end', () => save({ status, endedAt: Date.now() }))
      runsOfThisProcess.delete(runId)
    },
  }
}
