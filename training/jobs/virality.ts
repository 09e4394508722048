import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { featureService } from '../../features/definitions/index.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import { contentMoments } from '../datasets/content-moments.ts'
import { contentTable } from '../datasets/content-table.ts'
import { contentsWith, outcomesAt, readContentOutcomes } from '../datasets/contents.ts'
import { earlyCounts } from '../datasets/early-counts.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import {
  describeKnown,
  hideUnknown,
  type KnownValues,
  knownFrom,
  knownRows,
  requireKnown,
} from '../datasets/known-outcomes.ts'
import { describeData, splitAt, splitByTime } from '../datasets/time-split.ts'
import { creatorRate } from '../estimators/creator-history.ts'
import { fitLogistic, fitLogisticByValidation, sigmoid } from '../estimators/logistic.ts'
import { columnOf } from '../estimators/standard-scale.ts'
import { auc } from '../evaluation/classification.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'
import { calibrateTabular } from '../networks/calibrate-tabular.ts'
import { prepareTable, type TabularModel } from '../networks/tabular-model.ts'
import { type ClassifierTest, classifierMetrics } from './classifier-metrics.ts'
import { withDraftTexts } from './draft-texts.ts'
import { firstColumn } from './first-column.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { tabularOptions } from './tabular-config.ts'
import { trackParts } from './tabular-progress.ts'
import { fitNetwork, tabularFeatures, tabularResult } from './tabular-result.ts'
import { gateVirality } from './virality-gate.ts'
import { catalogueThreshold, labelVirality, viralityOutcome } from './virality-labels.ts'
import { ownQuestion, thresholdQuestion, type ViralityQuestion } from './virality-questions.ts'
import { viralityReport } from './virality-report.ts'

const configSchema = z.strictObject({
  ...tabularOptions,
  share: z
    .number()
    .min(0.5)
    .max(0.999)
    .default(0.95)
    .describe('quantile of the creator’s own contents that is exceeded'),
  threshold: z
    .number()
    .positive()
    .optional()
    .describe('count that the second question asks about; by default the same quantile of all contents'),
  floor: z.number().min(0).default(0).describe('count that a viral content exceeds in any case'),
  minPosts: z.number().int().min(2).default(10).describe('fewest contents of a creator in the training part'),
  minContents: z.number().int().min(10).default(20).describe('fewest contents in each part of the split'),
})

export type ViralityConfig = z.infer<typeof configSchema>

/**
 * Probability that a content exceeds its creator's own p95 within 7 days, and a threshold that is the same for all, before publication and
 * after its first day.
 */
export const viralityJob: TrainingJob<ViralityConfig> = {
  name: 'virality',
  description:
    'How likely a content is to exceed what is usual for its creator, and a threshold, before publication and after its first day.',
  config: configSchema,
  run: trainVirality,
}

async function trainVirality(context: JobContext, config: ViralityConfig): Promise<TrainedModel> {
  const synthetic = await isSynthetic(context.source)
  const { contents, split, questions, creators, outcome, rows, remark } = await readQuestions(context, config)
  const [main] = questions
  const width = questions.length

  const service = featureService('virality')
  const early = earlyCounts(contents, outcome, rows.train)
  if (early.kind === 'none') context.log.info({ reason: early.reason }, 'early counts are not used')
  // Read before every content stands there twice, so that no content foretells itself.
  const { table: drafts, texts } = await withDraftTexts(
    await contentTable(contents, context.offline, service),
    'classification',
    main.known.search,
    rows.train,
    context,
    config.textDirections,
  )
  const at = contentMoments(drafts, early)
  const { table, contentOf } = at
  const content = { table, texts }
  const targetsOf = (stage: keyof KnownValues): Float32Array =>
    Float32Array.from(
      { length: table.rowCount * width },
      (_, i) => questions[i % width]!.known[stage][contentOf(Math.floor(i / width))]!,
    )
  const train = { rows: at.rows(rows.train), targets: targetsOf('search') }
  const valid = at.rows(rows.valid)
  const prepared = prepareTable(table, train.rows, config.bins)
  const penalties: number[] = []
  for (const question of questions.keys()) {
    const asked = columnOf(train.targets, width, question)
    penalties.push((await fitLogisticByValidation(prepared.design, train.rows, valid, asked)).l2)
  }
  const kind = { name: 'virality', kind: 'classification' } as const
  const model = await fitNetwork(context, config, kind, {
    prepared,
    rowCount: table.rowCount,
    outputs: width,
    train,
    valid,
    past: { rows: at.rows(rows.past), targets: targetsOf('final') },
    fitLinear: (target, part, question) => fitLogistic(prepared.design, part, target, penalties[question]!),
  })

  // The two moments are calibrated apart: what is known before publication moves a probability much less.
  const calibrations = at.moments.map((moment) => {
    const part = moment.rows(rows.valid)
    return questions.map(({ known }, question) =>
      calibrateTabular(outputOf(model, width, question), part, pick(known.search, rows.valid), config.refit),
    )
  })
  const probabilities = (part: Int32Array): Float32Array =>
    model.predict('final', part).map((z, i) => {
      const { slope, intercept } = calibrations[at.momentOf(part[Math.floor(i / width)]!)]![i % width]!
      return sigmoid(slope * z + intercept)
    })
  // As much as the final networks and the logistic baseline have seen.
  const seen = config.refit ? rows.past : rows.train
  const testsOf = ({ label, actual }: ViralityQuestion, question: number): ClassifierTest[] => {
    const rates = creatorRate(contents.creatorId, actual, seen)
    const baseRate = mean(pick(actual, seen))
    return latestFirst.map((moment) => {
      const part = moment.rows(split.test)
      return {
        moment: `${label}${moment.name}`,
        actual: pick(actual, split.test),
        model: columnOf(probabilities(part), width, question),
        baselines: {
          logistic: model.predictLinear(part)[question]!.map(sigmoid),
          'creator rate': pick(rates, split.test),
          'base rate': new Float64Array(part.length).fill(baseRate),
        },
      }
    })
  }
  // The latest moment first: it is the headline.
  const latestFirst = [...at.moments].reverse()
  const judgedRows = latestFirst[0]!.rows(split.test)
  const tests = questions.flatMap(testsOf) as [ClassifierTest, ...ClassifierTest[]]
  const metrics = classifierMetrics(tests, context.seed)
  const targets = questions.map(({ target }) => target)
  const { definition } = main
  const features = tabularFeatures(content, model, targets, definition)
  const { seed } = context
  const [before, after] = calibrations
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
        calibrations: before!,
        ...(after && { early: { columns: at.earlyColumns, calibrations: after } }),
      },
      outputs: (part) => ({ probability: { shape: [part.length, width], data: probabilities(part) } }),
      goldenRows: concatIndices(...at.moments.map((moment) => moment.rows(split.test))),
      // With their first counts, where there are any: against these, counts of a published content say something.
      backgroundRows: latestFirst[0]!.rows(split.valid),
      judgedRows,
      judge: ({ probability }) => auc(firstColumn(probability!), tests[0].actual),
    }),
    metrics,
    gate: gateVirality(metrics),
    report: (scorer) =>
      viralityReport(
        {
          ...{ contents, split, remark, tests, metrics, early, model, questions, creators },
          ...{ table, features, judgedRows, seed },
        },
        scorer,
      ),
  }
}

/** A model of several outputs as one of a single output. */
const outputOf = (
  model: Pick<TabularModel, 'predict'>,
  width: number,
  output: number,
): Pick<TabularModel, 'predict'> => ({
  predict: (which, rows) => Float32Array.from(columnOf(model.predict(which, rows), width, output)),
})

/** The contents of creators with enough history, what is asked about them, and of which the answer was known in time. */
async function readQuestions({ source, tracker, log }: JobContext, config: ViralityConfig) {
  const all = await readContentOutcomes(source)
  const outcome = viralityOutcome(all)
  const counted = contentsWith(all, outcome)
  const whole = splitByTime(counted.publishedAt, config, config.minContents, `contents with known ${outcome}`)
  const counts = hideUnknown(counted.outcomes.get(outcome)!, knownFrom(counted, outcome), whole)
  const { train } = knownRows(whole, [counts])
  const labels = labelVirality(counted, outcome, train, config)
  const threshold = config.threshold ?? catalogueThreshold(counts.search, train, config.share)
  const labelled = new Set(labels.rows)
  const contents = outcomesAt(counted, (i) => labelled.has(i))
  // The same moments as for all contents, so that the thresholds come from the training part alone.
  const split = splitAt(contents.publishedAt, whole, config.minContents, 'contents of creators with enough history')
  const moments = knownFrom(contents, outcome)
  const own = ownQuestion(labels.actual, hideUnknown(labels.actual, moments, split), outcome, config)
  const rows = knownRows(split, [own.known])
  requireKnown(outcome, split, rows, ['train', 'valid'], config.minContents)
  const parts = { train: rows.train, valid: rows.valid, test: split.test }
  requireBothClasses(own.actual, parts)
  const above = contents.outcomes.get(outcome)!.map((count) => (count > threshold ? 1 : 0))
  const absolute = thresholdQuestion(above, hideUnknown(above, moments, split), outcome, threshold)
  const lacking = partOfOneClass(above, parts)
  if (lacking !== undefined) log.info({ threshold, part: lacking }, 'the threshold tells no contents of a part apart')
  const questions: [ViralityQuestion, ...ViralityQuestion[]] = lacking === undefined ? [own, absolute] : [own]
  trackParts(tracker, split)
  const remark = describeKnown(outcome, split, rows, ['train', 'valid', 'past'])
  return { contents, split, questions, creators: labels.creators, outcome, rows, remark }
}

type Parts = { readonly [K in 'train' | 'valid' | 'test']: Int32Array }

function partOfOneClass(actual: Float64Array, split: Parts): keyof Parts | undefined {
  return (['train', 'valid', 'test'] as const).find((part) => {
    const rate = mean(pick(actual, split[part]))
    return rate === 0 || rate === 1
  })
}

function requireBothClasses(actual: Float64Array, split: Parts): void {
  const part = partOfOneClass(actual, split)
  if (part === undefined) return
  const positives = split[part].reduce((sum, row) => sum + actual[row]!, 0)
  throw new AppError(
    'DATA_INSUFFICIENT',
    `Of ${split[part].length} contents in the ${part} part ${positives} are viral; expected some of both kinds. Import more, or change share, floor or the split with --set.`,
  )
}
