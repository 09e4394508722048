import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { isAlive } from '../../models/registry/folder-lock.ts'

const datasetSchema = z.object({
  name: z.string(),
  context: z.enum(['training', 'validation', 'test']),
  rows: z.number().int(),
  digest: z.string(),
})

/** run.json: all of a run but its metrics (metrics.ndjson) and files (artifacts/). Times in ms since 1970. */
const runRecordSchema = z.object({
  runId: z.string(),
  job: z.string(),
  status: z.enum(['RUNNING', 'FINISHED', 'FAILED', 'KILLED']),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  pid: z.number().int(),
  host: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  tags: z.record(z.string(), z.string()),
  datasets: z.array(datasetSchema),
  /** Metric values that were NaN or infinite. */
  droppedMetrics: z.number().int(),
  /** Where the run is tracked besides this folder, and whether all of it has arrived there. */
  mlflow: z.object({ uri: z.string(), experimentId: z.string(), delivered: z.boolean() }).nullable(),
})

export type RunRecord = z.infer<typeof runRecordSchema>
export type RunDataset = z.infer<typeof datasetSchema>

/** @throws AppError INPUT_INVALID naming a run.json that is damaged */
export function readRunRecord(dir: string): RunRecord {
  const path = join(dir, 'run.json')
  try {
    return runRecordSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new AppError('INPUT_INVALID', `${path} is not a run record. Delete the folder of that run.`, { cause: error })
  }
}

/** Replaces run.json in one step. */
export function writeRunRecord(dir: string, record: RunRecord): void {
  mkdirSync(dir, { recursive: true })
  const temporary = join(dir, `run.json.tmp-${process.pid}`)
  writeFileSync(temporary, JSON.stringify(record, null, 2))
  renameSync(temporary, join(dir, 'run.json'))
}

/** All readable runs of a folder, oldest first. */
export function listRuns(runsDir: string): RunRecord[] {
  if (!existsSync(runsDir)) return []
  const records: RunRecord[] = []
  for (const name of readdirSync(runsDir)) {
    if (!existsSync(join(runsDir, name, 'run.json'))) continue
    try {
      records.push(readRunRecord(join(runsDir, name)))
    } catch {
      // A damaged record of an old run must not stop a new one.
    }
  }
  return records.sort((a, b) => a.startedAt - b.startedAt)
}

/** Runs of this very process; a RUNNING record with our pid that is not among them is of an earlier process with the same number. */
export const runsOfThisProcess = new Set<string>()

const dayMs = 86_400_000

/**
 * Whether the process behind a RUNNING record is gone. One of another machine cannot be looked up: it counts as gone when its
 * folder has not changed for a day.
 */
function isDead(runsDir: string, record: RunRecord): boolean {
  if (record.status !== 'RUNNING') return false
  if (record.host !== hostname()) return Date.now() - lastSign(join(runsDir, record.runId)) > dayMs
  return record.pid === process.pid ? !runsOfThisProcess.has(record.runId) : !isAlive(record.pid)
}

const lastSign = (dir: string): number =>
  Math.max(
    ...['run.json', 'metrics.ndjson'].map((file) => statSync(join(dir, file), { throwIfNoEntry: false })?.mtimeMs ?? 0),
  )

/** Marks the runs of dead processes as KILLED. @returns the runs it marked */
export function sweepDeadRuns(runsDir: string): RunRecord[] {
  return listRuns(runsDir)
    .filter((record) => isDead(runsDir, record))
    .map((record) => {
      const swept: RunRecord = { ...record, status: 'KILLED', endedAt: Date.now() }
      writeRunRecord(join(runsDir, record.runId), swept)
      return swept
    })
}

/**
 * The latest run of a job that did not finish, for `--resume`.
 *
 * @param fingerprint of job, configuration and seed: the run's tag `contentflow.fingerprint`
 * @param uri of the tracking server the run must belong to; undefined for local runs
 */
export function findUnfinishedRun(
  runsDir: string,
  fingerprint: string,
  uri: string | undefined,
): RunRecord | undefined {
  return listRuns(runsDir).findLast(
    (record) =>
      record.tags[fingerprintTag] === fingerprint &&
      record.mlflow?.uri === uri &&
      (record.status === 'KILLED' || record.status === 'FAILED' || isDead(runsDir, record)),
  )
}

export const fingerprintTag = 'contentflow.fingerprint'
