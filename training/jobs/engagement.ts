import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { featureService } from '../../features/definitions/index.ts'
import { readArtifactJson } from '../../models/artifact/read-artifact.ts'
import { tabularFeaturesSchema, tabularFiles } from '../../models/payloads/tabular.ts'
import { openBackend } from '../backend/select-backend.ts'
import { contentTable, type FeatureTable, tabularInputs } from '../datasets/content-table.ts'
import { horizons, type OutcomeName, outcomesAt, quantities, readContentOutcomes } from '../datasets/contents.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { describeData, splitByTime } from '../datasets/time-split.ts'
import { creatorMean } from '../estimators/creator-history.ts'
import { fitRidge, fitRidgeByCrossValidation, fitRidgeByValidation } from '../estimators/ridge.ts'
import { standardise, standardScale, unstandardise } from '../estimators/standard-scale.ts'
import { judgeBaselines } from '../evaluation/baseline-gate.ts'
import { type ConformalOffsets, conformalOffsets } from '../evaluation/conformal.ts'
import { rmse } from '../evaluation/regression.ts'
import { prepareTable, trainTabularModel } from '../networks/tabular-model.ts'
import { tabularOnnx } from '../networks/tabular-onnx.ts'
import { engagementFeatures, engagementGolden } from './engagement-artifact.ts'
import { engagementMetrics, testOutcomes } from './engagement-metrics.ts'
import { engagementReport } from './engagement-report.ts'
import { chooseTargets, headlineTarget } from './engagement-targets.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { fitOptions, tabularOptions } from './tabular-config.ts'
import { tabularInputSpecs } from './tabular-golden.ts'
import { epochReporter, trackParts } from './tabular-progress.ts'

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
  const { tf, name: backend } = await openBackend({ prefer: context.backend, log: context.log })
  const synthetic = await isSynthetic(context.source)
  const all = await readContentOutcomes(context.source)
  const headline = config.headline ?? headlineTarget(all)
  const contents = outcomesAt(all, (i) => !Number.isNaN(all.outcomes.get(headline)![i]!))
  const split = splitByTime(contents.publishedAt, config, config.minContents, `contents with known ${headline}`)
  const everything = Int32Array.from({ length: contents.rowCount }, (_, i) => i)
  const targets = chooseTargets(contents, everything, split, config.quantities, headline)
  for (const { name, reason } of targets.dropped) context.log.info({ target: name, reason }, 'target left out')
  trackParts(context, split)

  const service = featureService('engagement')
  const table = await contentTable(contents, context.offline, service)
  const logs = targets.names.map((name) => Float64Array.from(contents.outcomes.get(name)!, Math.log1p))
  const scaling = logs.map((values) => standardScale(values, split.train))
  const scaled = standardise(logs, scaling)
  const prepared = prepareTable(table, split.train, config.bins)
  const columns = targets.names.map((_, t) =>
    Float64Array.from(everything, (i) => scaled[i * targets.names.length + t]!),
  )
  const lambdas = columns.map(
    (column) => fitRidgeByValidation(prepared.design, split.train, split.valid, column).lambda,
  )
  const model = await trainTabularModel(tf, {
    ...config,
    prepared,
    train: split.train,
    valid: split.valid,
    rowCount: contents.rowCount,
    targets: scaled,
    outputs: targets.names.length,
    fitStart: (t, rows) => fitRidgeByCrossValidation(prepared.design, rows, columns[t]!).model,
    fitLinear: (t, rows) => fitRidge(prepared.design, rows, columns[t]!, lambdas[t]!),
    fit: fitOptions(config, 'regression', split.train.length),
    seed: context.seed,
    signal: context.signal,
    workDir: context.workDir,
    resume: context.resume,
    onEpoch: epochReporter(context, 'engagement', config.epochs),
  })

  const toLog = (output: Float32Array, rows: number): Float64Array[] => unstandardise(output, rows, scaling)
  const judged = toLog(model.predict('judged', split.valid), split.valid.length)
  const offsets = judged.map((prediction, t) =>
    conformalOffsets(
      prediction,
      Float64Array.from(split.valid, (i) => logs[t]![i]!),
      1 - config.intervalCoverage,
    ),
  )
  requireFinite(offsets, targets.names)
  const test = testOutcomes({
    rows: split.test,
    actual: logs,
    model: toLog(model.predict('final', split.test), split.test.length),
    ridge: model.predictLinear(split.test).map((values, t) => values.map((v) => v * scaling[t]!.sd + scaling[t]!.mean)),
    creatorMean: logs.map((values) => creatorMean(contents.creatorId, contents.publishedAt, values, 60)),
    trainMean: scaling.map(({ mean }) => mean),
  })
  const metrics = engagementMetrics(test, targets.names, offsets, context.seed)
  const features = engagementFeatures(table, prepared.vocabularies, targets.names)
  const head = {
    kind: 'regression' as const,
    mean: Float32Array.from(scaling, ({ mean }) => mean),
    scale: Float32Array.from(scaling, ({ sd }) => sd),
    lower: Float32Array.from(offsets, ({ lower }) => lower),
    upper: Float32Array.from(offsets, ({ upper }) => upper),
  }
  const width = targets.names.length
  return {
    network: tabularOnnx('engagement', prepared.encoder, table.categorical.length, model.ensemble.final, head),
    golden: engagementGolden(table, features, model, split.test, toLog, offsets),
    arrays: {},
    json: { [tabularFiles.features]: features },
    manifest: {
      backend,
      synthetic,
      data: describeData(contents.publishedAt, split),
      config: { ...config, headline },
      featureService: { name: service.name, schemaHash: service.schemaHash },
      inputs: tabularInputSpecs(table),
      outputs: ['prediction', 'lower', 'upper'].map((name) => ({ name, dtype: 'float32', shape: [-1, width] })),
    },
    metrics,
    gate: judgeBaselines(metrics[0]),
    report: engagementReport({
      contents,
      split,
      targets,
      test,
      metrics,
      offsets,
      model,
      coverage: config.intervalCoverage,
    }),
    evaluateOther: (dir, scorer) => evaluateOther(dir, scorer, table, split.test, headline, logs[0]!),
  }
}

const evaluateOther = async (
  dir: string,
  scorer: Parameters<TrainedModel['evaluateOther']>[1],
  table: FeatureTable,
  test: Int32Array,
  headline: OutcomeName,
  actual: Float64Array,
): Promise<number> => {
  const features = await readArtifactJson(dir, tabularFiles.features, tabularFeaturesSchema)
  const column = features.targets.findIndex(({ name }) => name === headline)
  if (column < 0) {
    throw new AppError(
      'ARTIFACT_INVALID',
      `The other model does not predict ${headline}, only ${features.targets.map((t) => t.name).join(', ')}.`,
    )
  }
  const { prediction } = await scorer.score(tabularInputs(table, features, test))
  const log = Float64Array.from(test, (_, i) => Math.log1p(prediction!.data[i * features.targets.length + column]!))
  return rmse(
    log,
    Float64Array.from(test, (row) => actual[row]!),
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
