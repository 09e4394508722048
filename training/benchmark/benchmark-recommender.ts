import { AppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Progress } from '../../progress.ts'
import type { TfBackendName } from '../backend/select-backend.ts'
import { openSuite } from '../datasets/open-suite.ts'
import { loadFamily } from '../families/all-families.ts'
import { parseSettings } from '../jobs/job-config.ts'
import { type BenchmarkRow, type BenchmarkSplit, fitAndJudge } from './fit-and-judge.ts'
import { type GivenFiles, openGivenSplit } from './given-split-benchmark.ts'
import { parseMetric } from './metric-name.ts'

/** Where the parts come from: files of a published split, or a public data set by name. */
export type BenchmarkData =
  | ({ readonly kind: 'given'; readonly items: string | undefined } & GivenFiles)
  | { readonly kind: 'suite'; readonly suite: string; readonly dataDir: string }

export interface BenchmarkRequest {
  readonly data: BenchmarkData
  readonly model: string
  /** Each `name@k`, with `:99` behind it among 99 negatives. */
  readonly metrics: readonly string[]
  readonly seed: number
  /** Options of the model, as text. */
  readonly settings: Readonly<Record<string, string>>
  readonly backend: TfBackendName | 'auto'
  readonly log: Logger
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface BenchmarkResult extends BenchmarkRow {
  readonly users: number
  readonly items: number
  readonly interactions: number
  /** Test pairs left out: nobody can be judged by them. */
  readonly unjudged: number
}

/** Options that read times as seconds. */
const ofTime = ['halfLifeDays', 'recencyHalfLifeDays', 'timeAwareNegatives']

/**
 * Fits one family on a published split, and judges it by full ranking over all items outside the training history.
 *
 * With a validation part a family chooses on it what it wants chosen; then every one is fitted on training and validation together.
 *
 * @throws AppError CONFIG_INVALID for an unknown model, metric or option; INPUT_INVALID for a file, naming the line
 */
export async function benchmarkRecommender(request: BenchmarkRequest): Promise<BenchmarkResult> {
  const { model, settings, seed, signal, log, progress, backend } = request
  const family = await loadFamily(model)
  const metrics = request.metrics.map(parseMetric)
  if (request.data.kind === 'given') refuseTimes(settings)
  const config = parseSettings(model, family.config, settings) as object
  const split = await openSplit(request.data)
  const environment = { seed, signal, log, progress, backend, label: model }
  const row = await fitAndJudge(family, config, split, metrics, environment)
  return {
    users: split.test.users.length,
    items: split.whole.items.length,
    interactions: split.whole.itemIndices.length,
    unjudged: split.unjudged,
    ...row,
  }
}

async function openSplit(data: BenchmarkData): Promise<BenchmarkSplit & { readonly unjudged: number }> {
  if (data.kind === 'given') return openGivenSplit(data)
  const { split, content } = await openSuite(data.suite, data.dataDir)
  const { train, validation, trainAndValidation: whole, test } = split
  return { train, validation, whole, test, content, unjudged: 0 }
}

function refuseTimes(settings: BenchmarkRequest['settings']): void {
  const found = ofTime.filter((option) => Object.hasOwn(settings, option))
  if (found.length === 0) return
  throw new AppError(
    'CONFIG_INVALID',
    `bench recommend has no ${found.join(', ')}: a published split has positions for times, or times of a unit nobody knows. Leave it out, or import the data and use \`contentflow train\`.`,
    { details: { found } },
  )
}
