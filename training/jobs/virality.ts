import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { featureService } from '../../features/definitions/index.ts'
import { readArtifactJson } from '../../models/artifact/read-artifact.ts'
import { type TabularFeatures, tabularFeaturesSchema, tabularFiles } from '../../models/payloads/tabular.ts'
import type { Scorer } from '../../models/scorer.ts'
import { openBackend } from '../backend/select-backend.ts'
import { contentTable, type FeatureTable, tabularInputs } from '../datasets/content-table.ts'
import { outcomesAt, readContentOutcomes } from '../datasets/contents.ts'
import { earlyCounts, withEarlyCounts } from '../datasets/early-counts.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { describeData, splitAt, splitByTime } from '../datasets/time-split.ts'
import { creatorRate } from '../estimators/creator-history.ts'
import { fitLogistic, fitLogisticByValidation, sigmoid } from '../estimators/logistic.ts'
import { judgeBaselines } from '../evaluation/baseline-gate.ts'
import { auc } from '../evaluation/classification.ts'
import { fitPlatt } from '../evaluation/platt.ts'
import { prepareTable, trainTabularModel } from '../networks/tabular-model.ts'
import { tabularOnnx } from '../networks/tabular-onnx.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { fitOptions, tabularOptions } from './tabular-config.ts'
import { tabularGolden, tabularInputSpecs } from './tabular-golden.ts'
import { epochReporter, trackParts } from './tabular-progress.ts'
import { labelVirality, viralityOutcome } from './virality-labels.ts'
import { type ViralityTest, viralityMetrics } from './virality-metrics.ts'
import { viralityReport } from './virality-report.ts'

const configSchema = z.strictObject({
  ...tabularOptions,
  share: z
    .number()
    .min(0.5)
    .max(0.999)
    .default(0.95)
    .describe('quantile of the creator’s own contents that is exceeded'),
  floor: z.number().min(0).default(0).describe('count that a viral content exceeds in any case'),
  minPosts: z.number().int().min(2).default(10).describe('fewest contents of a creator in the training part'),
  minContents: z.number().int().min(10).default(20).describe('fewest contents in each part of the split'),
})

export type ViralityConfig = z.infer<typeof configSchema>

/** Probability that a content exceeds its creator's own p95 within 7 days, before publication and after its first day. */
export const viralityJob: TrainingJob<ViralityConfig> = {
  name: 'virality',
  description:
    'How likely a content is to exceed what is usual for its creator, before publication and after its first day.',
  config: configSchema,
  run: trainVirality,
}

async function trainVirality(context: JobContext, config: ViralityConfig): Promise<TrainedModel> {
  const { tf, name: backend } = await openBackend({ prefer: context.backend, log: context.log })
  const synthetic = await isSynthetic(context.source)
  const all = await readContentOutcomes(context.source)
  const outcome = viralityOutcome(all)
  const known = outcomesAt(all, (i) => !Number.isNaN(all.outcomes.get(outcome)![i]!))
  const whole = splitByTime(known.publishedAt, config, config.minContents, `contents with known ${outcome}`)
  const labels = labelVirality(known, outcome, whole.validFrom, config)
  const labelled = new Set(labels.rows)
  const contents = outcomesAt(known, (i) => labelled.has(i))
  // The same moments as for all contents, so that the thresholds come from the training part alone.
  const split = splitAt(contents.publishedAt, whole, config.minContents, 'contents of creators with enough history')
  const { actual } = labels
  requireBothClasses(actual, split)
  trackParts(context, split)

  const service = featureService('virality')
  const early = earlyCounts(contents, outcome)
  if (early.kind === 'none') context.log.info({ reason: early.reason }, 'early counts are not used')
  const table = withEarlyCounts(await contentTable(contents, context.offline, service), early)
  const n = contents.rowCount
  /** Rows of the table for contents: both forms where there are early counts. */
  const forms = (rows: Int32Array): Int32Array =>
    early.kind === 'none' ? rows : Int32Array.from([...rows, ...rows.map((row) => row + n)])
  const targets = Float32Array.from({ length: table.rowCount }, (_, i) => actual[i % n]!)
  const [train, valid] = [forms(split.train), forms(split.valid)]
  const prepared = prepareTable(table, train, config.bins)
  const { l2 } = fitLogisticByValidation(prepared.design, train, valid, targets)
  const model = await trainTabularModel(tf, {
    ...config,
    prepared,
    train,
    valid,
    rowCount: table.rowCount,
    targets,
    outputs: 1,
    fitLinear: (_, rows) => fitLogistic(prepared.design, rows, targets, l2),
    fit: fitOptions(config, 'classification', train.length),
    seed: context.seed,
    signal: context.signal,
    workDir: context.workDir,
    resume: context.resume,
    onEpoch: epochReporter(context, 'virality', config.epochs),
  })

  const calibration = fitPlatt(
    model.predict('judged', valid),
    Float64Array.from(valid, (row) => targets[row]!),
  )
  const probability = (rows: Int32Array): Float64Array =>
    Float64Array.from(model.predict('final', rows), (z) => sigmoid(calibration.slope * z + calibration.intercept))
  const rates = creatorRate(contents.creatorId, actual, split.train)
  const baseRate = split.train.reduce((sum, row) => sum + actual[row]!, 0) / split.train.length
  const testOf = (moment: ViralityTest['moment'], rows: Int32Array): ViralityTest => ({
    moment,
    actual: Float64Array.from(rows, (row) => targets[row]!),
    model: probability(rows),
    baselines: {
      logistic: model.predictLinear(rows)[0]!.map(sigmoid),
      'creator rate': Float64Array.from(rows, (row) => rates[row % n]!),
      'base rate': new Float64Array(rows.length).fill(baseRate),
    },
  })
  const before = testOf('before publication', split.test)
  const tests: readonly [ViralityTest, ...ViralityTest[]] =
    early.kind === 'none'
      ? [before]
      : [
          testOf(
            'after the first day',
            split.test.map((row) => row + n),
          ),
          before,
        ]
  const metrics = viralityMetrics(tests, context.seed)
  const definition = `more ${outcome.replace('_7d', '')} within 7 days than ${Math.round(config.share * 100)} % of the creator’s own contents in the training part${config.floor > 0 ? `, and more than ${config.floor}` : ''}`
  const features: TabularFeatures = {
    numeric: [...table.numericFields],
    categorical: table.categoricalFields.map((field, i) => ({ ...field, vocabulary: [...prepared.vocabularies[i]!] })),
    targets: [{ name: 'viral_7d', unit: 'probability', description: `the content gets ${definition}` }],
    definition,
  }
  const headlineRows = forms(split.test).slice(-split.test.length)
  return {
    network: tabularOnnx('virality', prepared.encoder, table.categorical.length, model.ensemble.final, {
      kind: 'classification',
      ...calibration,
    }),
    golden: tabularGolden(table, features, forms(split.test), (rows) => ({
      probability: { shape: [rows.length, 1], data: Float32Array.from(probability(rows)) },
    })),
    arrays: {},
    json: { [tabularFiles.features]: features },
    manifest: {
      backend,
      synthetic,
      data: describeData(contents.publishedAt, split),
      config: { ...config, outcome },
      featureService: { name: service.name, schemaHash: service.schemaHash },
      inputs: tabularInputSpecs(table),
      outputs: [{ name: 'probability', dtype: 'float32', shape: [-1, 1] }],
    },
    metrics,
    gate: judgeBaselines(metrics[0]),
    report: viralityReport({ contents, split, tests, metrics, early, model, definition, creators: labels.creators }),
    evaluateOther: (dir, scorer) => evaluateOther(dir, scorer, table, headlineRows, tests[0].actual),
  }
}

async function evaluateOther(
  dir: string,
  scorer: Scorer,
  table: FeatureTable,
  rows: Int32Array,
  actual: Float64Array,
): Promise<number> {
  const features = await readArtifactJson(dir, tabularFiles.features, tabularFeaturesSchema)
  const { probability } = await scorer.score(tabularInputs(table, features, rows))
  return auc(probability!.data, actual)
}

function requireBothClasses(
  actual: Float64Array,
  split: { readonly [K in 'train' | 'valid' | 'test']: Int32Array },
): void {
  for (const part of ['train', 'valid', 'test'] as const) {
    const positives = split[part].reduce((sum, row) => sum + actual[row]!, 0)
    if (positives > 0 && positives < split[part].length) continue
    throw new AppError(
      'DATA_INSUFFICIENT',
      `Of ${split[part].length} contents in the ${part} part ${positives} are viral; expected some of both kinds. Import more, or change share, floor or the split with --set.`,
    )
  }
}
