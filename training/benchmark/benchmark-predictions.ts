import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Estimate } from '../../models/artifact/manifest.ts'
import type { Goal, PublicTask } from '../datasets/prediction-tasks/prediction-tasks.ts'
import { writeParts } from '../datasets/prediction-tasks/write-parts.ts'
import { mean } from '../evaluation/mean.ts'
import { benchmarkTabular, type TabularRequest, type TabularResult } from './benchmark-tabular.ts'
import { higherIsBetter } from './measure-predictions.ts'

export interface PredictionRequest extends Omit<TabularRequest, 'files' | 'columns'> {
  readonly task: PublicTask
  readonly dataDir: string
  /** Leaves the test part alone, see `writeParts`. */
  readonly beforeTest: boolean
}

export interface PredictionResult
  extends Pick<TabularResult, 'features' | 'leftOut' | 'models' | 'rows' | 'fitSeconds' | 'cpuSeconds'> {
  readonly task: string
  readonly title: string
  /** What was aimed at, and what the network reached. */
  readonly goals: readonly (Goal & { readonly value: number; readonly met: boolean })[]
}

/**
 * Answers a public task as `bench tabular` would from files. Of several windows, figures are means over them, without intervals: windows that
 * share training rows are not independent.
 *
 * @throws AppError see `writeParts` and `benchmarkTabular`
 */
export async function benchmarkPredictions({
  task,
  dataDir,
  beforeTest,
  ...request
}: PredictionRequest): Promise<PredictionResult> {
  const results: TabularResult[] = []
  for (let fold = 0; fold < task.folds; fold++) {
    const outDir = await mkdtemp(join(tmpdir(), 'contentflow-parts-'))
    try {
      const files = await writeParts(task, { dataDir, outDir, fold, beforeTest })
      results.push(await benchmarkTabular({ ...request, files, columns: task.columns }))
    } finally {
      await rm(outDir, { recursive: true, force: true })
    }
  }
  const models = meanModels(results)
  return {
    task: task.name,
    title: task.title,
    rows: results.at(-1)!.rows,
    features: results.at(-1)!.features,
    leftOut: results.at(-1)!.leftOut,
    models,
    fitSeconds: mean(results.map(({ fitSeconds }) => fitSeconds)),
    cpuSeconds: mean(results.map(({ cpuSeconds }) => cpuSeconds)),
    goals: task.goals.map((goal) => {
      const { value } = models[0]!.metrics[goal.metric]!
      return { ...goal, value, met: higherIsBetter(goal.metric) ? value >= goal.goal : value <= goal.goal }
    }),
  }
}

function meanModels(results: readonly TabularResult[]): TabularResult['models'] {
  const [first] = results
  if (results.length === 1) return first!.models
  return first!.models.map(({ model, metrics }, i) => ({
    model,
    metrics: Object.fromEntries(
      Object.keys(metrics).map((metric): [string, Estimate] => {
        const values = results.map(({ models }) => models[i]!.metrics[metric]!.value)
        return [metric, { value: mean(values), low: null, high: null }]
      }),
    ),
  }))
}
