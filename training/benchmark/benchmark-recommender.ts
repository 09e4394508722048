import { AppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Progress } from '../../progress.ts'
import type { TfBackendName } from '../backend/select-backend.ts'
import type { Interactions } from '../datasets/interactions.ts'
import { splitLeaveLast } from '../datasets/interactions-split.ts'
import { openSuite } from '../datasets/open-suite.ts'
import { loadFamily } from '../families/all-families.ts'
import { parseSettings } from '../jobs/job-config.ts'
import { type BenchmarkRow, type BenchmarkSplit, fitAndJudge } from './fit-and-judge.ts'
import { type GivenFiles, type OpenedSplit, openGivenSplit } from './given-split-benchmark.ts'
import { refuseSeveral } from './measure.ts'
import { parseMetric } from './metric-name.ts'

/** Where the parts come from: files of a published split, or a public data set by name. */
export type BenchmarkData =
  | ({ readonly kind: 'given' } & GivenFiles)
  | { readonly kind: 'suite'; readonly suite: string; readonly dataDir: string }

export interface BenchmarkRequest {
  readonly data: BenchmarkData
  /** `validation` leaves the test part out and judges on the part before it: what settings are chosen by. */
  readonly part: 'test' | 'validation'
  readonly model: string
  /** Each `name@k`, with `:99` behind it among 99 negatives. */
  readonly metrics: readonly string[]
  readonly seed: number
  /** Settings that a search tries on the validation part before the final fit; 0 for none. */
  readonly trials: number
  /** Options of the model, as text; the search leaves them alone. */
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
  /** Held-out pairs left out: nobody can be judged by them. */
  readonly unjudged: OpenedSplit['unjudged']
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
  const split = await openSplit(request.data, request.part)
  refuseSeveral(metrics, split.test)
  const environment = { seed, signal, log, progress, backend, label: model }
  const { trials } = request
  // Times of a published split mean nothing: a search leaves alone what reads them.
  const given = [...Object.keys(settings), ...(request.data.kind === 'given' ? ofTime : [])]
  const row = await fitAndJudge(family, { config, given, trials }, split, metrics, environment)
  return {
    users: split.test.users.length,
    items: split.whole.items.length,
    interactions: split.whole.itemIndices.length,
    unjudged: split.unjudged,
    ...row,
  }
}

const allJudged = { validation: 0, test: 0 }

async function openSplit(data: BenchmarkData, part: BenchmarkRequest['part']): Promise<OpenedSplit> {
  if (data.kind === 'given') {
    const given = await openGivenSplit(data)
    if (part === 'test') return given
    if (given.validation !== undefined) {
      const unjudged = { validation: 0, test: given.unjudged.validation }
      return { ...given, ...choosingByTheLast(given.train), test: given.validation, unjudged }
    }
    const { trainAndValidation, test } = splitLeaveLast(given.train)
    return { ...given, ...choosingByTheLast(trainAndValidation), test, unjudged: allJudged }
  }
  const { split, content } = await openSuite(data.suite, data.dataDir)
  const { train, validation, trainAndValidation: whole, test } = split
  if (part === 'validation') return { ...choosingByTheLast(train), test: validation, content, unjudged: allJudged }
  return { train, validation, whole, test, content, unjudged: allJudged }
}

/** What a family chooses, it chooses on the last item of each user. */
function choosingByTheLast(whole: Interactions): Pick<BenchmarkSplit, 'train' | 'validation' | 'whole'> {
  const { trainAndValidation: train, test: validation } = splitLeaveLast(whole)
  return { train, validation, whole }
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
