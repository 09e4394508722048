import { featureService } from '../../features/definitions/index.ts'
import { createRandom } from '../backend/random.ts'
import { contentMoments } from '../datasets/content-moments.ts'
import { contentTable } from '../datasets/content-table.ts'
import { clocksOf } from '../datasets/contents.ts'
import { type EarlyCounts, earlyCounts, withSomeHidden } from '../datasets/early-counts.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { describeData } from '../datasets/time-split.ts'
import { creatorMean } from '../estimators/creator-history.ts'
import { columnOf, standardise, standardScale } from '../estimators/standard-scale.ts'
import { contentReportWords } from './content-report-words.ts'
import { contentSlicings } from './content-slicings.ts'
import { withDraftTexts } from './draft-texts.ts'
import { fitOutcomes } from './fit-outcomes.ts'
import type { JobContext, TrainedModel } from './job.ts'
import { gateOutcomes } from './outcome-gate.ts'
import { outcomeReport } from './outcome-report.ts'
import { describeTarget } from './outcome-targets.ts'
import { type OutcomeOptions, readOutcomes, type WantedOutcomes } from './read-outcomes.ts'

/** What of a planned content is to be foretold. */
export interface OutcomeModel extends WantedOutcomes {
  readonly name: 'engagement' | 'revenue'
}

/**
 * Predicts several counts and shares of a content at several horizons at once, with conformal intervals: counts as ln(1 + count).
 *
 * @throws AppError DATA_INSUFFICIENT saying of what there is too little
 */
export async function trainOutcomes(
  context: JobContext,
  config: OutcomeOptions,
  wanted: OutcomeModel,
): Promise<TrainedModel> {
  const synthetic = await isSynthetic(context.source)
  const data = await readOutcomes(context, config, wanted)
  const { contents, split, targets, headline, values, knownAt, search, rows, remark } = data
  const { names } = targets
  const service = featureService(wanted.name)
  const early = wanted.early ? earlyCounts(contents, headline, rows.train) : beforePublication
  if (early.kind === 'none') context.log.info({ reason: early.reason }, 'early counts are not used')
  const drafts = await withDraftTexts(
    await contentTable(contents, context.offline, service),
    'regression',
    columnOf(standardise(search.slice(0, 1), [standardScale(search[0]!, rows.train)]), 1, 0),
    rows.train,
    context,
    config.textDirections,
  )
  const at = contentMoments(drafts.table, withSomeHidden(early, rows.train, createRandom(context.seed).fork('early')))
  const unknown = new Float64Array(contents.rowCount).fill(Number.NaN)
  const fitted = await fitOutcomes(context, config, {
    name: wanted.name,
    service,
    manifest: {
      synthetic,
      data: describeData(contents.publishedAt, split, remark),
      config: { ...config, quantities: wanted.quantities, headline },
    },
    ...{ names, describe: describeTarget, examples: 'contents', split, rows, at, texts: drafts.texts, values, search },
    final: data.final,
    baselines: values.map((its, t) => ({
      'creator mean': creatorMean(contents.creatorId, contents.publishedAt, its, knownAt[t]!, 60),
      'global mean': unknown,
    })),
  })
  return {
    ...fitted.result,
    metrics: fitted.metrics,
    gate: gateOutcomes(fitted.metrics),
    report: (scorer) =>
      outcomeReport(
        {
          ...{ fitted, names, describe: describeTarget, table: at.table, rows: split.test },
          coverage: config.intervalCoverage,
          slicings: contentSlicings(contents, split, split.test),
          clockAt: clocksOf(contents, split.test),
          words: contentReportWords({ contents, split, remark, targets, model: fitted.model, early, ...config }),
          seed: context.seed,
        },
        scorer,
      ),
  }
}

const beforePublication: EarlyCounts = { kind: 'none', reason: 'it is foretold before publication only' }
