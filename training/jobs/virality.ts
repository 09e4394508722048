import { z } from 'zod'
import { featureService } from '../../features/definitions/index.ts'
import { createRandom } from '../backend/random.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import { contentMoments } from '../datasets/content-moments.ts'
import { contentTable } from '../datasets/content-table.ts'
import { earlyCounts, withSomeHidden } from '../datasets/early-counts.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import type { KnownValues } from '../datasets/known-outcomes.ts'
import { describeData } from '../datasets/time-split.ts'
import { creatorRate } from '../estimators/creator-history.ts'
import { fitLogistic, fitLogisticByValidation, sigmoid } from '../estimators/logistic.ts'
import { columnOf } from '../estimators/standard-scale.ts'
import { auc } from '../evaluation/classification.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'
import { calibrateTabular } from '../networks/calibrate-tabular.ts'
import { prepareTable, type TabularModel } from '../networks/tabular-model.ts'
import { type ClassifierTest, classifierMetrics } from './classifier-metrics.ts'
import { decidedEarly, isDecided } from './decided-early.ts'
import { withDraftTexts } from './draft-texts.ts'
import { firstColumn } from './first-column.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { questionOptions, readQuestions } from './read-questions.ts'
import { tabularOptions } from './tabular-config.ts'
import { fitNetwork, tabularFeatures, tabularResult } from './tabular-result.ts'
import { gateVirality } from './virality-gate.ts'
import type { ViralityQuestion } from './virality-questions.ts'
import { viralityReport } from './virality-report.ts'

const configSchema = z.strictObject({
  ...tabularOptions,
  ...questionOptions,
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
  const at = contentMoments(drafts, withSomeHidden(early, rows.train, createRandom(context.seed).fork('early')))
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
  const decided = decidedEarly(questions, outcome, table)
  const probabilities = (part: Int32Array): Float32Array =>
    model.predict('final', part).map((z, i) => {
      const [row, question] = [part[Math.floor(i / width)]!, i % width]
      const { slope, intercept } = calibrations[at.momentOf(row)]![question]!
      return isDecided(decided, table, row, question) ? 1 : sigmoid(slope * z + intercept)
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
  const targets = questions.map(({ target, actual }) => {
    const baseRate = mean(pick(actual, seen))
    return baseRate > 0 ? { ...target, baseRate } : target
  })
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
        decided,
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
