import { featureService } from '../../features/definitions/index.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import { contentMoments } from '../datasets/content-moments.ts'
import { contentTable } from '../datasets/content-table.ts'
import { type EarlyCounts, earlyCounts } from '../datasets/early-counts.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { describeData } from '../datasets/time-split.ts'
import { creatorMean } from '../estimators/creator-history.ts'
import { columnOf, standardise, standardScale } from '../estimators/standard-scale.ts'
import { pick } from '../evaluation/metric-row.ts'
import { rmse } from '../evaluation/regression.ts'
import { prepareTable } from '../networks/tabular-model.ts'
import { countedAlready, meanGrowth, momentOfTarget, raiseToCounted } from './counted-already.ts'
import { withDraftTexts } from './draft-texts.ts'
import { type Foretold, foretell } from './foretell.ts'
import type { JobContext, TrainedModel } from './job.ts'
import { gateOutcomes } from './outcome-gate.ts'
import { learnIntervals } from './outcome-intervals.ts'
import { outcomeMetrics } from './outcome-metrics.ts'
import { outcomeOutputs } from './outcome-outputs.ts'
import { outcomeReport } from './outcome-report.ts'
import { describeTarget, isCount } from './outcome-targets.ts'
import { headlineOf, outcomeTensors } from './outcome-tensors.ts'
import { type OutcomeOptions, readOutcomes, type WantedOutcomes } from './read-outcomes.ts'
import { regressionHead } from './regression-head.ts'
import { ridgeFits } from './ridge-fits.ts'
import { fitNetwork, tabularFeatures, tabularResult } from './tabular-result.ts'
import { type TestOutcome, testOutcomes } from './test-outcomes.ts'

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
  const at = contentMoments(drafts.table, early)
  const { table } = at
  const counted = countedAlready(names, table)
  const outputs = outcomeOutputs(search, rows.train, at, counted)
  const { width } = outputs
  const learned = outputs.standardise(search)
  const [train, valid] = [at.rows(rows.train), at.rows(rows.valid)]
  const prepared = prepareTable(table, train, config.bins)
  const { starts, fitStart, fitLinear } = ridgeFits(prepared, { train, valid }, learned, width)
  const kind = { name: wanted.name, kind: 'regression', treedOutputs: outputs.growth[0]! < 0 ? 1 : 2 } as const
  const model = await fitNetwork(context, config, kind, {
    prepared,
    rowCount: table.rowCount,
    outputs: width,
    train: { rows: train, targets: learned },
    valid,
    past: { rows: at.rows(rows.past), targets: outputs.standardise(data.final) },
    fitStart,
    fitLinear,
  })

  const judged = at.moments.map((moment) => {
    const part = moment.rows(rows.valid)
    return outputs.inUnits(model.predict('judged', part), part)
  })
  const momentOf = momentOfTarget(counted, at)
  const intervals = at.moments.map((moment, m) =>
    names.map((name, t) => {
      const output = m === 0 || outputs.growth[t]! < 0 ? outputs.level[t]! : outputs.growth[t]!
      return learnIntervals({
        name,
        design: prepared.design,
        train: moment.rows(rows.train),
        residuals: starts[output]!.residuals,
        valid: moment.rows(rows.valid),
        prediction: judged[m]![t]!,
        actual: Float64Array.from(moment.rows(rows.valid), (row) =>
          momentOf(t, row) === m ? search[t]![at.contentOf(row)]! : Number.NaN,
        ),
        alpha: 1 - config.intervalCoverage,
      })
    }),
  )
  const foretold = (part: Int32Array): readonly Foretold[] =>
    foretell(outputs.inUnits(model.predict('final', part), part), part, { momentOf, intervals, counted })
  const histories = values.map((its, t) => creatorMean(contents.creatorId, contents.publishedAt, its, knownAt[t]!, 60))
  const growth = meanGrowth(data.final, at, counted, rows.past)
  const tests = at.moments.map((moment) => {
    const part = moment.rows(split.test)
    return testOutcomes({
      contents: split.test,
      actual: values,
      foretold: foretold(part),
      ridge: outputs.inUnits(model.predictLinear(part), part).map((its, t) => raiseToCounted(its, part, counted, t)),
      creatorMean: histories,
      trainMean: Array.from(outputs.level, (o) => outputs.scales[o]!.mean),
      meanGrowth: counted.logs.map((logs, t) => pick(logs, part).map((log) => log + growth[t]!)),
    })
  }) as [readonly TestOutcome[], (readonly TestOutcome[])?]
  const coverage = config.intervalCoverage
  const counts = names.map(isCount)
  const content = { table, texts: drafts.texts }
  const features = tabularFeatures(content, model, names.map(describeTarget), '')
  const metrics = outcomeMetrics(tests, names, coverage, context.seed)
  return {
    ...tabularResult({
      name: wanted.name,
      service,
      manifest: {
        backend: 'onnxruntime',
        synthetic,
        data: describeData(contents.publishedAt, split, remark),
        config: { ...config, quantities: wanted.quantities, headline },
      },
      content,
      model,
      features,
      head: regressionHead({ counts, outputs, intervals, prepared, earlyColumns: at.earlyColumns, counted }),
      outputs: (part) => outcomeTensors(foretold(part), counts),
      goldenRows: concatIndices(...at.moments.map((moment) => moment.rows(split.test))),
      // With their first counts, where there are any: against these, counts of a published content say something.
      backgroundRows: at.moments.at(-1)!.rows(split.valid),
      judgedRows: split.test,
      judge: (outputs, its) => rmse(headlineOf(outputs, its, headline), pick(values[0]!, split.test)),
    }),
    metrics,
    gate: gateOutcomes(metrics),
    report: (scorer) =>
      outcomeReport(
        {
          ...{ contents, split, remark, targets, tests, metrics, early, model, coverage, table, features },
          valid: {
            prediction: judged[0]![0]!,
            actual: pick(search[0]!, rows.valid),
            spread: pick(intervals[0]![0]!.sigma, rows.valid),
          },
          seed: context.seed,
        },
        scorer,
      ),
  }
}

const beforePublication: EarlyCounts = { kind: 'none', reason: 'it is foretold before publication only' }
