import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { MlflowClient, MlflowConnectionError, type Run, textLimits } from '#mlflow-client'
import type { Logger } from '../../log.ts'
import { mlflowFailure } from '../../models/registry/mlflow-failure.ts'
import { deliverRun, paramsOf, sendMetrics, shortened } from './deliver-run.ts'
import { type LocalRun, openLocalRun, type StartedRun } from './local-run.ts'
import { readMetrics } from './metrics-file.ts'
import { startMetricsSender } from './metrics-sender.ts'
import { listRuns, sweepDeadRuns } from './run-folder.ts'
import type { RunTracker, Tracker } from './tracker.ts'

export interface MlflowTrackerOptions {
  readonly uri: string
  readonly experiment: string
  /** Every run is kept here, too: what MLflow cannot take now is sent from here later. */
  readonly runsDir: string
  /** Who trains, for MLflow's "Created by". */
  readonly user: string
  readonly log: Logger
  /** Repetitions of a call at a run's start and end; six, some 17 s, by default. While a run lasts there are none: it comes again anyway. */
  readonly retries?: number
}

const jobIdTag = 'contentflow.job_id'

/**
 * Tracks runs in a real MLflow, and in folders that hold the whole of each.
 *
 * Opening it ends runs that a dead process left RUNNING, and sends what the server missed earlier.
 *
 * @throws AppError REGISTRY_FAILED when the server does not answer
 */
export async function openMlflowTracker(options: MlflowTrackerOptions): Promise<Tracker> {
  const { uri, experiment, runsDir, log, retries = 6 } = options
  const patient = new MlflowClient({ uri, retries, retryDelayMs: 500 })
  let experimentId: string
  try {
    experimentId = await patient.experiments.ensure(experiment)
  } catch (error) {
    throw mlflowFailure(error, patient.uri)
  }
  for (const { runId } of sweepDeadRuns(runsDir)) log.warn({ runId }, `run ${runId} was left by a dead process: KILLED`)
  await deliverLeftovers(patient, runsDir, log)

  return {
    kind: 'mlflow',
    uri: patient.uri,
    async start(started) {
      const { resumeRunId } = started
      try {
        if (resumeRunId !== undefined) await patient.runs.update(resumeRunId, { status: 'RUNNING' })
        const runId = resumeRunId ?? (await createOnce(patient, experimentId, started, options.user)).info.runId
        const local = openLocalRun(runsDir, runId, started, { uri: patient.uri, experimentId, delivered: false }, log)
        const run = mlflowRun(patient, new MlflowClient({ uri, retries: 0 }), local, runsDir, log)
        await patient.runs.logBatch(runId, { params: paramsOf(started.parameters) }).catch(async (error: unknown) => {
          await run.finish('FAILED')
          throw error
        })
        return run
      } catch (error) {
        throw mlflowFailure(error, patient.uri)
      }
    },
  }
}

/** Creates one run also when the answer is lost: then it is looked for by a tag of its own. */
async function createOnce(mlflow: MlflowClient, experimentId: string, started: StartedRun, user: string): Promise<Run> {
  const jobId = randomUUID()
  const tags = Object.entries({ [jobIdTag]: jobId, 'mlflow.user': user, ...started.tags })
  const body = {
    experimentId,
    runName: started.job,
    tags: tags.map(([key, value]) => ({ key, value: shortened(value, textLimits.tag) })),
  }
  try {
    return await mlflow.runs.create(body)
  } catch (error) {
    if (!(error instanceof MlflowConnectionError) || error.neverSent) throw error
    const filter = `tags.\`${jobIdTag}\` = '${jobId}'`
    for await (const run of mlflow.runs.search({ experimentIds: [experimentId], filter })) return run
    return mlflow.runs.create(body)
  }
}

function mlflowRun(
  patient: MlflowClient,
  impatient: MlflowClient,
  local: LocalRun,
  runsDir: string,
  log: Logger,
): RunTracker {
  const { runId, dir } = local
  const sender = startMetricsSender(
    0,
    async (offset) => {
      const { lines, end } = readMetrics(dir, offset)
      await sendMetrics(impatient, runId, lines)
      return end
    },
    (error) => {
      log.warn(
        { runId, err: error },
        `MLflow does not take the metrics of run ${runId} now; they are kept in ${dir} and sent later`,
      )
    },
  )
  return {
    ...local,
    async finish(status) {
      await local.finish(status)
      const arrived = await sender.stop()
      try {
        await deliverRun(patient, runsDir, runId, arrived)
      } catch (error) {
        log.error({ runId, err: mlflowFailure(error, patient.uri) }, notDelivered(runId, dir))
      }
    },
  }
}

const notDelivered = (runId: string, dir: string): string =>
  `run ${runId} could not be sent to MLflow. All of it is in ${dir}; it is sent when the next training starts with the server back.`

async function deliverLeftovers(mlflow: MlflowClient, runsDir: string, log: Logger): Promise<void> {
  for (const { runId, status, mlflow: place } of listRuns(runsDir)) {
    if (status === 'RUNNING' || place === null || place.delivered || place.uri !== mlflow.uri) continue
    try {
      await deliverRun(mlflow, runsDir, runId)
      log.info({ runId }, `run ${runId} was sent to MLflow, belatedly`)
    } catch (error) {
      log.warn({ runId, err: error }, notDelivered(runId, join(runsDir, runId)))
      if (error instanceof MlflowConnectionError) return // the others would only wait as long
    }
  }
}
