import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { featureService } from '../../features/definitions/index.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import { type ContentMoment, contentMoments } from '../datasets/content-moments.ts'
import { contentTable } from '../datasets/content-table.ts'
import { contentsWith, outcomesAt, readContentOutcomes } from '../datasets/contents.ts'
import { earlyCounts } from '../datasets/early-counts.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { describeKnown, hideUnknown, knownFrom, knownRows, requireKnown } from '../datasets/known-outcomes.ts'
import { describeData, splitAt, splitByTime } from '../datasets/time-split.ts'
import { creatorRate } from '../estimators/creator-history.ts'
import { fitLogistic, fitLogisticByValidation, sigmoid } from '../estimators/logistic.ts'
import { auc } from '../evaluation/classification.ts'
import { pick } from '../evaluation/metric-row.ts'
import { calibrateTabular } from '../networks/calibrate-tabular.ts'
import { prepareTable } from '../networks/tabular-model.ts'
import { type ClassifierTest, classifierMetrics } from './classifier-metrics.ts'
import { withDraftTexts } from './draft-texts.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { tabularOptions } from './tabular-config.ts'
import { trackParts } from './tabular-progress.ts'
import { fitNetwork, tabularFeatures, tabularResult } from './tabular-result.ts'
import { gateVirality } from './virality-gate.ts'
import { labelVirality, viralityOutcome } from './virality-labels.ts'
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
  const synthetic = await isSynthetic(context.source)
  const { contents, split, labels, outcome, known, rows, remark } = await readLabels(context, config)
  const { actual } = labels

  const service = featureService('virality')
  const early = earlyCounts(contents, outcome, rows.train)
  if (early.kind === 'none') context.log.info({ reason: early.reason }, 'early counts are not used')
  // Read before every content stands there twice, so that no content foretells itself.
  const { table: drafts, texts } = await withDraftTexts(
    await contentTable(contents, context.offline, service),
    'classification',
    known.search,
    rows.train,
    context,
    config.textDirections,
  )
  const at = contentMoments(drafts, early)
  const { table, contentOf } = at
  const content = { table, texts }
  const inMoments = (values: Float64Array): Float32Array =>
    Float32Array.from({ length: table.rowCount }, (_, row) => values[contentOf(row)]!)
  const train = { rows: at.rows(rows.train), targets: inMoments(known.search) }
  const valid = at.rows(rows.valid)
  const prepared = prepareTable(table, train.rows, config.bins)
  const { l2 } = await fitLogisticByValidation(prepared.design, train.rows, valid, train.targets)
  const kind = { name: 'virality', kind: 'classification' } as const
  const model = await fitNetwork(context, config, kind, {
    prepared,
    rowCount: table.rowCount,
    outputs: 1,
    train,
    valid,
    past: { rows: at.rows(rows.past), targets: inMoments(known.final) },
    fitLinear: (target, part) => fitLogistic(prepared.design, part, target, l2),
  })

  // The two moments are calibrated apart: what is known before publication moves a probability much less.
  const calibrations = at.moments.map((moment) => {
    const part = moment.rows(rows.valid)
    return calibrateTabular(model, part, pick(train.targets, part), config.refit)
  })
  const probability = (part: Int32Array): Float64Array =>
    Float64Array.from(model.predict('final', part), (z, i) => {
      const { slope, intercept } = calibrations[at.momentOf(part[i]!)]!
      return sigmoid(slope * z + intercept)
    })
  // As much as the final networks and the logistic baseline have seen.
  const seen = config.refit ? rows.past : rows.train
  const rates = creatorRate(contents.creatorId, actual, seen)
  const baseRate = seen.reduce((sum, row) => sum + actual[row]!, 0) / seen.length
  const testOf = (moment: string, part: Int32Array): ClassifierTest => ({
    moment,
    actual: Float64Array.from(part, (row) => actual[contentOf(row)]!),
    model: probability(part),
    baselines: {
      logistic: model.predictLinear(part)[0]!.map(sigmoid),
      'creator rate': Float64Array.from(part, (row) => rates[contentOf(row)]!),
      'base rate': new Float64Array(part.length).fill(baseRate),
    },
  })
  // The latest moment first: it is the headline.
  const [latest, ...earlier] = [...at.moments].reverse() as [ContentMoment, ...ContentMoment[]]
  const judgedRows = latest.rows(split.test)
  const tests: [ClassifierTest, ...ClassifierTest[]] = [
    testOf(latest.name, judgedRows),
    ...earlier.map((moment) => testOf(moment.name, moment.rows(split.test))),
  ]
  const metrics = classifierMetrics(tests, context.seed)
  const definition = `more ${outcome.replace('_7d', '')} within 7 days than ${Math.round(config.share * 100)} % of the creator’s own contents in the training part${config.floor > 0 ? `, and more than ${config.floor}` : ''}`
  const target = { name: 'viral_7d', unit: 'probability', description: `the content gets ${definition}` }
  const features = tabularFeatures(content, model, [target], definition)
  const { creators } = labels
  const { seed } = context
  return {
    ...tabularResult({
      name: 'virality',
      service,
      manifest: {
        backend: 'onnxruntime',
        synthetic,
        data: describeData(contents.publishedAt, split, remark),
        config: { ...config, outcome },
      },
      content,
      model,
      features,
      head: {
        kind: 'classification',
        calibration: calibrations[0]!,
        ...(calibrations[1] && { early: { columns: at.earlyColumns, calibration: calibrations[1] } }),
      },
      outputs: (part) => ({
        probability: { shape: [part.length, 1], data: Float32Array.from(probability(part)) },
      }),
      goldenRows: concatIndices(...at.moments.map((moment) => moment.rows(split.test))),
      // With their first counts, where there are any: against these, counts of a published content say something.
      backgroundRows: latest.rows(split.valid),
      judgedRows,
      judge: (outputs) => auc(outputs.probability!.data, tests[0].actual),
    }),
    metrics,
    gate: gateVirality(metrics),
    report: (scorer) =>
      viralityReport(
        {
          ...{ contents, split, remark, tests, metrics, early, model, definition, creators },
          ...{ table, features, judgedRows, seed },
        },
        scorer,
      ),
  }
}

/** The contents of creators with enough history, which of them went viral, and of which that was known in time. */
async function readLabels({ source, tracker }: JobContext, config: ViralityConfig) {
  const all = await readContentOutcomes(source)
  const outcome = viralityOutcome(all)
  const counted = contentsWith(all, outcome)
  const whole = splitByTime(counted.publishedAt, config, config.minContents, `contents with known ${outcome}`)
  const counts = hideUnknown(counted.outcomes.get(outcome)!, knownFrom(counted, outcome), whole)
  const labels = labelVirality(counted, outcome, knownRows(whole, [counts]).train, config)
  const labelled = new Set(labels.rows)
  const contents = outcomesAt(counted, (i) => labelled.has(i))
  // The same moments as for all contents, so that the thresholds come from the training part alone.
  const split = splitAt(contents.publishedAt, whole, config.minContents, 'contents of creators with enough history')
  const known = hideUnknown(labels.actual, knownFrom(contents, outcome), split)
  const rows = knownRows(split, [known])
  requireKnown(outcome, split, rows, ['train', 'valid'], config.minContents)
  requireBothClasses(labels.actual, { train: rows.train, valid: rows.valid, test: split.test })
  trackParts(tracker, split)
  const remark = describeKnown(outcome, split, rows, ['train', 'valid', 'past'])
  return { contents, split, labels, outcome, known, rows, remark }
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
