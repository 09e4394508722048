import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { featureService } from '../../features/definitions/index.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Tensors } from '../../models/scorer.ts'
import { contentTable } from '../datasets/content-table.ts'
import { contentsWith, horizons, type OutcomeName, quantities, readContentOutcomes } from '../datasets/contents.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { describeKnown, hideUnknown, knownFrom, knownRows, requireKnown } from '../datasets/known-outcomes.ts'
import { describeData, splitByTime } from '../datasets/time-split.ts'
import { creatorMean } from '../estimators/creator-history.ts'
import { fitRidge, fitRidgeByCrossValidation, fitRidgeByValidation } from '../estimators/ridge.ts'
import { columnOf, standardise, standardScale, unstandardise } from '../estimators/standard-scale.ts'
import { judgeBaselines } from '../evaluation/baseline-gate.ts'
import { type ConformalOffsets, conformalOffsets } from '../evaluation/conformal.ts'
import { pick } from '../evaluation/metric-row.ts'
import { rmse } from '../evaluation/regression.ts'
import { prepareTable } from '../networks/tabular-model.ts'
import { withDraftTexts } from './draft-texts.ts'
import { engagementMetrics, testOutcomes } from './engagement-metrics.ts'
import { engagementOutputs } from './engagement-outputs.ts'
import { engagementReport } from './engagement-report.ts'
import { chooseTargets, describeTarget, headlineTarget } from './engagement-targets.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { tabularOptions } from './tabular-config.ts'
import { trackParts } from './tabular-progress.ts'
import { fitNetwork, tabularFeatures, tabularResult } from './tabular-result.ts'

const outcomeNames = quantities.flatMap((q) => horizons.map((h) => `${q}_${h}d` as const))

const configSchema = z.strictObject({
  ...tabularOptions,
  quantities: z
    .array(z.enum(quantities))
    .min(1)
    .default(['views', 'likes', 'comments', 'shares'])
    .describe('what to predict, each at 1, 7 and 28 days where known'),
  headline: z
    .enum(outcomeNames)
    .optional()
    .describe('target that the gate judges; by default views_7d, or likes_7d where there are no views'),
  intervalCoverage: z.number().min(0.5).max(0.99).default(0.8).describe('share of outcomes within the interval'),
  minContents: z.number().int().min(10).default(20).describe('fewest contents in each part of the split'),
})

export type EngagementConfig = z.infer<typeof configSchema>

/** Predicts ln(1 + count) of a planned content for several counts and horizons at once, with conformal intervals. */
export const engagementJob: TrainingJob<EngagementConfig> = {
  name: 'engagement',
  description: 'Views, likes, comments and shares of a planned content, from its creator’s history and the draft.',
  config: configSchema,
  run: trainEngagement,
}

async function trainEngagement(context: JobContext, config: EngagementConfig): Promise<TrainedModel> {
  const synthetic = await isSynthetic(context.source)
  const data = await readOutcomes(context, config)
  const { contents, split, targets, headline, logs, moments, search, rows, remark } = data
  const width = targets.names.length
  const scaling = search.map((values) => standardScale(values, rows.train))
  const learned = standardise(search, scaling)

  const service = featureService('engagement')
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
  const kind = { name: 'engagement', kind: 'regression' } as const
  const model = await fitNetwork(context, config, kind, {
    prepared,
    rowCount: contents.rowCount,
    outputs: width,
    train: { rows: rows.train, targets: learned },
    valid: rows.valid,
    past: { rows: rows.past, targets: standardise(data.final, scaling) },
    fitStart: (target, part) => fitRidgeByCrossValidation(prepared.design, part, target).model,
    fitLinear: (target, part, t) => fitRidge(prepared.design, part, target, lambdas[t]!),
  })

  const toLog = (output: Float32Array, count: number): Float64Array[] => unstandardise(output, count, scaling)
  const judged = toLog(model.predict('judged', rows.valid), rows.valid.length)
  const offsets = judged.map((prediction, t) =>
    conformalOffsets(prediction, pick(search[t]!, rows.valid), 1 - config.intervalCoverage),
  )
  requireFinite(offsets, targets.names)
  const test = testOutcomes({
    rows: split.test,
    actual: logs,
    model: toLog(model.predict('final', split.test), split.test.length),
    ridge: model.predictLinear(split.test).map((values, t) => values.map((v) => v * scaling[t]!.sd + scaling[t]!.mean)),
    creatorMean: logs.map((values, t) =>
      creatorMean(contents.creatorId, contents.publishedAt, values, moments[t]!, 60),
    ),
    trainMean: scaling.map(({ mean }) => mean),
  })
  const coverage = config.intervalCoverage
  const metrics = engagementMetrics(test, targets.names, offsets, coverage, context.seed)
  return {
    ...tabularResult({
      name: 'engagement',
      service,
      manifest: {
        backend: 'onnxruntime',
        synthetic,
        data: describeData(contents.publishedAt, split, remark),
        config: { ...config, headline },
      },
      content,
      model,
      features: tabularFeatures(content, model, targets.names.map(describeTarget), ''),
      head: {
        kind: 'regression',
        mean: Float32Array.from(scaling, ({ mean }) => mean),
        scale: Float32Array.from(scaling, ({ sd }) => sd),
        lower: Float32Array.from(offsets, ({ lower }) => lower),
        upper: Float32Array.from(offsets, ({ upper }) => upper),
      },
      outputs: (part) => engagementOutputs(toLog(model.predict('final', part), part.length), offsets),
      goldenRows: split.test,
      backgroundRows: split.valid,
      judgedRows: split.test,
      judge: (outputs, features) => rmse(headlineOf(outputs, features, headline), pick(logs[0]!, split.test)),
    }),
    metrics,
    gate: judgeBaselines(metrics[0]),
    report: engagementReport({ contents, split, remark, targets, test, metrics, offsets, model, coverage }),
  }
}

/** The contents, what the model is to foretell of them, and what of that was known in time. */
async function readOutcomes({ source, log, tracker }: JobContext, config: EngagementConfig) {
  const all = await readContentOutcomes(source)
  const headline = config.headline ?? headlineTarget(all)
  const contents = contentsWith(all, headline)
  const split = splitByTime(contents.publishedAt, config, config.minContents, `contents with known ${headline}`)
  const targets = chooseTargets(contents, split, config.quantities, headline)
  for (const { name, reason } of targets.dropped) log.info({ target: name, reason }, 'target left out')
  trackParts(tracker, split)
  const logs = targets.names.map((name) => Float64Array.from(contents.outcomes.get(name)!, Math.log1p))
  const moments = targets.names.map((name) => knownFrom(contents, name))
  const known = logs.map((values, t) => hideUnknown(values, moments[t]!, split))
  const headlineRows = knownRows(split, known.slice(0, 1))
  requireKnown(headline, split, headlineRows, ['train', 'valid'], config.minContents)
  return {
    contents,
    split,
    targets,
    headline,
    logs,
    moments,
    search: known.map((values) => values.search),
    final: known.map((values) => values.final),
    rows: knownRows(split, known),
    remark: describeKnown(headline, split, headlineRows, ['train', 'valid', 'past']),
  }
}

/** What another model of the kind predicts for the headline, in ln(1 + count). */
function headlineOf({ prediction }: Tensors, { targets }: TabularFeatures, headline: OutcomeName): Float64Array {
  const column = targets.findIndex(({ name }) => name === headline)
  if (column < 0) {
    throw new AppError(
      'ARTIFACT_INVALID',
      `The other model does not predict ${headline}, only ${targets.map((t) => t.name).join(', ')}.`,
    )
  }
  const { data } = prediction!
  return Float64Array.from({ length: data.length / targets.length }, (_, i) =>
    Math.log1p(data[i * targets.length + column]!),
  )
}

function requireFinite(offsets: readonly ConformalOffsets[], names: readonly OutcomeName[]): void {
  const bad = offsets.findIndex(({ lower, upper }) => !Number.isFinite(lower) || !Number.isFinite(upper))
  if (bad < 0) return
  throw new AppError(
    'DATA_INSUFFICIENT',
    `The validation part has too few contents with known ${names[bad]} for an interval of this coverage; import more, or lower intervalCoverage with --set.`,
  )
}
