import { AppError } from '../../errors.ts'
import { featureService } from '../../features/definitions/index.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Tensors } from '../../models/scorer.ts'
import { contentTable } from '../datasets/content-table.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import type { OutcomeName } from '../datasets/outcome-names.ts'
import { describeData } from '../datasets/time-split.ts'
import { creatorMean } from '../estimators/creator-history.ts'
import { fitRidge, fitRidgeByCrossValidation, fitRidgeByValidation } from '../estimators/ridge.ts'
import { columnOf, standardise, standardScale, unstandardise } from '../estimators/standard-scale.ts'
import { judgeBaselines } from '../evaluation/baseline-gate.ts'
import { pick } from '../evaluation/metric-row.ts'
import { rmse } from '../evaluation/regression.ts'
import { spreadHead } from '../networks/spread-onnx.ts'
import { prepareTable } from '../networks/tabular-model.ts'
import { withDraftTexts } from './draft-texts.ts'
import { engagementMetrics, testOutcomes } from './engagement-metrics.ts'
import { engagementOutputs } from './engagement-outputs.ts'
import { engagementReport } from './engagement-report.ts'
import { describeTarget, isCount } from './engagement-targets.ts'
import type { JobContext, TrainedModel } from './job.ts'
import { intervalEnds, learnIntervals } from './outcome-intervals.ts'
import { type OutcomeOptions, readOutcomes, type WantedOutcomes } from './read-outcomes.ts'
import { fitNetwork, tabularFeatures, tabularResult } from './tabular-result.ts'

/** What of a planned content is to be foretold. */
export interface OutcomeModel extends WantedOutcomes {
  readonly name: 'engagement' | 'revenue'
}

/**
 * Predicts several counts and shares of a planned content at several horizons at once, with conformal intervals: counts as ln(1 + count).
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
  const { contents, split, targets, headline, values, moments, search, rows, remark } = data
  const width = targets.names.length
  const scaling = search.map((its) => standardScale(its, rows.train))
  const learned = standardise(search, scaling)

  const service = featureService(wanted.name)
  const content = await withDraftTexts(
    await contentTable(contents, context.offline, service),
    'regression',
    columnOf(learned, width, 0),
    rows.train,
    context,
    config.textDirections,
  )
  const { table } = content
  const prepared = prepareTable(table, rows.train, config.bins)
  // The baseline's penalty is chosen on the validation part, as the network's epochs are.
  const lambdas = search.map((_, t) => {
    const target = columnOf(learned, width, t)
    return fitRidgeByValidation(prepared.design, rows.train, rows.valid, target).lambda
  })
  const starts = search.map((_, t) =>
    fitRidgeByCrossValidation(prepared.design, rows.train, columnOf(learned, width, t)),
  )
  const kind = { name: wanted.name, kind: 'regression', treedOutputs: 1 } as const
  const model = await fitNetwork(context, config, kind, {
    prepared,
    rowCount: contents.rowCount,
    outputs: width,
    train: { rows: rows.train, targets: learned },
    valid: rows.valid,
    past: { rows: rows.past, targets: standardise(data.final, scaling) },
    fitStart: (target, part, t) =>
      (part === rows.train ? starts[t]! : fitRidgeByCrossValidation(prepared.design, part, target)).model,
    fitLinear: (target, part, t) => fitRidge(prepared.design, part, target, lambdas[t]!),
  })

  const inUnits = (output: Float32Array, count: number): Float64Array[] => unstandardise(output, count, scaling)
  const judged = inUnits(model.predict('judged', rows.valid), rows.valid.length)
  const intervals = targets.names.map((name, t) =>
    learnIntervals({
      name,
      design: prepared.design,
      train: rows.train,
      residuals: starts[t]!.residuals,
      valid: rows.valid,
      prediction: judged[t]!,
      actual: pick(search[t]!, rows.valid),
      alpha: 1 - config.intervalCoverage,
    }),
  )
  const test = testOutcomes({
    rows: split.test,
    actual: values,
    model: inUnits(model.predict('final', split.test), split.test.length),
    ridge: model.predictLinear(split.test).map((its, t) => its.map((v) => v * scaling[t]!.sd + scaling[t]!.mean)),
    creatorMean: values.map((its, t) => creatorMean(contents.creatorId, contents.publishedAt, its, moments[t]!, 60)),
    trainMean: scaling.map(({ mean }) => mean),
    intervals,
  })
  const coverage = config.intervalCoverage
  const counts = targets.names.map(isCount)
  const features = tabularFeatures(content, model, targets.names.map(describeTarget), '')
  const metrics = engagementMetrics(test, targets.names, coverage, context.seed)
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
      head: {
        kind: 'regression',
        logarithm: Float32Array.from(counts, Number),
        mean: Float32Array.from(scaling, ({ mean }) => mean),
        scale: Float32Array.from(scaling, ({ sd }) => sd),
        lower: Float32Array.from(intervals, ({ offsets }) => offsets.lower),
        upper: Float32Array.from(intervals, ({ offsets }) => offsets.upper),
        spread: spreadHead(
          intervals.map(({ spread }) => spread),
          prepared,
        ),
      },
      outputs: (part) => {
        const predictions = inUnits(model.predict('final', part), part.length)
        const ends = predictions.map((its, t) =>
          intervalEnds(its, pick(intervals[t]!.sigma, part), intervals[t]!.offsets),
        )
        return engagementOutputs(predictions, counts, ends)
      },
      goldenRows: split.test,
      backgroundRows: split.valid,
      judgedRows: split.test,
      judge: (outputs, its) => rmse(headlineOf(outputs, its, headline), pick(values[0]!, split.test)),
    }),
    metrics,
    gate: judgeBaselines(metrics[0]),
    report: (scorer) =>
      engagementReport(
        {
          ...{ contents, split, remark, targets, test, metrics, model, coverage, table, features },
          valid: {
            prediction: judged[0]!,
            actual: pick(search[0]!, rows.valid),
            spread: pick(intervals[0]!.sigma, rows.valid),
          },
          seed: context.seed,
        },
        scorer,
      ),
  }
}

/** What another model of the kind predicts for the headline, as it is learned. */
function headlineOf({ prediction }: Tensors, { targets }: TabularFeatures, headline: OutcomeName): Float64Array {
  const column = targets.findIndex(({ name }) => name === headline)
  if (column < 0) {
    throw new AppError(
      'ARTIFACT_INVALID',
      `The other model does not predict ${headline}, only ${targets.map((t) => t.name).join(', ')}.`,
    )
  }
  const { data } = prediction!
  return Float64Array.from({ length: data.length / targets.length }, (_, i) => {
    const value = data[i * targets.length + column]!
    return isCount(headline) ? Math.log1p(value) : value
  })
}
