import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { type MetricInput, type MlflowClient, type Tag, textLimits } from '#mlflow-client'
import type { MetricsLine } from './local-run.ts'
import { readMetrics } from './metrics-file.ts'
import { type RunDataset, type RunRecord, readRunRecord, writeRunRecord } from './run-folder.ts'

/**
 * Sends an ended run from its folder to MLflow, whole: every part may be sent again without harm. Marks it as delivered.
 *
 * @param metricsFrom byte offset in metrics.ndjson behind what has arrived before
 */
export async function deliverRun(mlflow: MlflowClient, runsDir: string, runId: string, metricsFrom = 0): Promise<void> {
  const dir = join(runsDir, runId)
  const record = readRunRecord(dir)
  await sendMetrics(mlflow, runId, readMetrics(dir, metricsFrom).lines)
  await mlflow.runs.logBatch(runId, { params: paramsOf(record.parameters), tags: tagsOf(record) })
  if (record.datasets.length > 0) await mlflow.runs.logInputs(runId, record.datasets.map(datasetInput))
  const { artifactUri } = (await mlflow.runs.get(runId)).info
  for (const file of filesBelow(join(dir, 'artifacts'))) {
    const path = relative(join(dir, 'artifacts'), file).split(sep).join('/')
    await mlflow.artifacts.uploadFile(artifactUri, path, file)
  }
  await mlflow.runs.update(runId, { status: record.status, endTime: record.endedAt ?? Date.now() })
  if (record.mlflow !== null) writeRunRecord(dir, { ...record, mlflow: { ...record.mlflow, delivered: true } })
}

/** Times are those of the lines, so that points sent twice are stored once. */
export async function sendMetrics(mlflow: MlflowClient, runId: string, lines: readonly MetricsLine[]): Promise<void> {
  const metrics: MetricInput[] = lines.flatMap(({ at, step, values }) =>
    Object.entries(values).map(([key, value]) => ({ key, value, timestamp: at, step })),
  )
  if (metrics.length > 0) await mlflow.runs.logBatch(runId, { metrics })
}

/** MLflow would cut longer texts without a word: the end says that it was cut. */
export const shortened = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 8)}… (cut)`

/** A run's parameters as MLflow takes them. */
export const paramsOf = (parameters: RunRecord['parameters']): Tag[] =>
  Object.entries(parameters).map(([key, value]) => ({ key, value: shortened(String(value), textLimits.param) }))

function tagsOf({ tags, droppedMetrics }: RunRecord): Tag[] {
  const all = droppedMetrics === 0 ? tags : { ...tags, 'contentflow.dropped_metrics': String(droppedMetrics) }
  return Object.entries(all).map(([key, value]) => ({ key, value: shortened(value, textLimits.tag) }))
}

/** The same name and digest twice would keep the first context: the context is part of the digest, of at most 36 characters. */
function datasetInput({ name, context, rows, digest }: RunDataset) {
  return {
    context,
    dataset: {
      name,
      digest: `${digest.slice(0, 25)}-${context}`,
      sourceType: 'marts',
      source: JSON.stringify({ name }),
      profile: JSON.stringify({ num_rows: rows }),
    },
  }
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}
