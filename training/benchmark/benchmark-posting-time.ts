import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Estimate } from '../../models/artifact/manifest.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import { unknownTimeZone } from '../datasets/creator-time-zones.ts'
import { crowding } from '../datasets/crowding.ts'
import { type HourTable, hoursOnClocks } from '../datasets/hour-posts.ts'
import { type PredictionTable, readPredictionTable } from '../datasets/prediction-table.ts'
import type { Goal } from '../datasets/prediction-tasks/prediction-tasks.ts'
import { writeParts } from '../datasets/prediction-tasks/write-parts.ts'
import { choosePostingTime } from '../estimators/choose-posting-time.ts'
import { fitPostingTime } from '../estimators/posting-time.ts'
import { placeboName, postingTimeLifts } from '../jobs/posting-time-metrics.ts'
import type { PredictionRequest, PredictionResult } from './benchmark-predictions.ts'

/** Whom the published reference asks. */
const rules = { fewestPast: 100, fewestLater: 30, fewestUses: 5 } as const

/**
 * Back-tests posting times on public posts: recommends hours by the posts before the test part, with everything chosen by cross-validation
 * on them, and measures what later posts at these hours were worth.
 *
 * @returns `models`: the model, nothing for a linear one, and everyone's best hours; the placebo is a metric of the model
 * @throws AppError see `writeParts`
 */
export async function benchmarkPostingTime(
  request: Pick<PredictionRequest, 'task' | 'dataDir' | 'beforeTest' | 'seed' | 'signal' | 'log'>,
): Promise<PredictionResult> {
  const { task, seed, signal } = request
  const rows = await readParts(request)
  const table = hoursOf(rows)
  signal.throwIfAborted()
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  const { train, valid, test } = rows.parts
  const past = concatIndices(train, valid)
  const others = { name: 'crowding', values: crowding(table, past) } as const
  const { settings, terms } = choosePostingTime(table, past, [others])
  request.log.info({ ...settings, terms: terms.map(({ name }) => name) }, 'posting-time settings')
  const fit = fitPostingTime(table, past, settings, terms)
  const fitSeconds = (performance.now() - started) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  const lifts = postingTimeLifts({ table, past, test, rules, fit, seed })
  const liftOf = (name: string): Estimate => lifts[name]!.estimate
  const metrics: Readonly<Record<string, Estimate>> = {
    lift: liftOf('posting-time'),
    'placebo lift': liftOf(placeboName),
    'lift of fixed shrinkage': liftOf('fixed shrinkage'),
    'lift of usual hours': liftOf('usual hours'),
    creators: known(lifts['posting-time']!.creators),
    posts: known(lifts['posting-time']!.posts),
  }
  return {
    task: task.name,
    title: task.title,
    rows: { train: train.length, valid: valid.length, test: test.length },
    features: 1,
    leftOut: [],
    models: [
      { model: 'posting-time', metrics },
      { model: 'linear', metrics: {} },
      { model: 'everyone’s hours', metrics: { lift: liftOf('everyone’s hour of day') } },
    ],
    fitSeconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    goals: task.goals.map((goal) => ({
      ...goal,
      value: metrics[goal.metric]!.value,
      met: meets(goal, metrics[goal.metric]!),
    })),
  }
}

const known = (value: number): Estimate => ({ value, low: null, high: null })

/** Whether an interval lies above the goal, or holds it. */
function meets({ goal, rule }: Goal, { low, high }: Estimate): boolean {
  if (low === null || high === null) return false
  return rule === 'interval holds' ? low <= goal && goal <= high : low > goal
}

async function readParts({
  task,
  dataDir,
  beforeTest,
}: Pick<PredictionRequest, 'task' | 'dataDir' | 'beforeTest'>): Promise<PredictionTable> {
  const outDir = await mkdtemp(join(tmpdir(), 'contentflow-parts-'))
  try {
    return await readPredictionTable(await writeParts(task, { dataDir, outDir, fold: 0, beforeTest }), task.columns)
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}

/** Authors as creators of one platform and no category, on UTC: the data do not say where they live. */
function hoursOf({ rowCount, numeric, categorical, target }: PredictionTable): HourTable {
  const [author] = categorical
  const ids = [...new Set(author)]
  const index = new Map(ids.map((id, i) => [id, i]))
  const creator = Int32Array.from(author!, (id) => index.get(id)!)
  const creators = ids.map((creatorId) => ({
    creatorId,
    platform: 'instagram',
    category: '',
    timeZone: unknownTimeZone,
  }))
  const at = Float64Array.from({ length: rowCount }, (_, row) => numeric[row]! * 3600)
  return { rowCount, at, hour: hoursOnClocks(at, creator, creators), outcome: target, creator, creators }
}
