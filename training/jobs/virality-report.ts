import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Scorer } from '../../models/scorer.ts'
import type { FeatureTable } from '../datasets/content-table.ts'
import { type ContentOutcomes, clocksOf } from '../datasets/contents.ts'
import type { EarlyCounts } from '../datasets/early-counts.ts'
import { day, describeData, type TimeSplit } from '../datasets/time-split.ts'
import { auc } from '../evaluation/classification.ts'
import { judgeSlices, judgeWhole } from '../evaluation/slices.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { reliabilityChart } from '../report/reliability-chart.ts'
import { type ReportSection, sentence } from '../report/report.ts'
import { type SlicesInput, sliceSections } from '../report/slice-sections.ts'
import type { ClassifierTest } from './classifier-metrics.ts'
import { contentSlicings } from './content-slicings.ts'
import { describeModel } from './describe-model.ts'
import { explainTabular } from './explain-tabular.ts'
import { firstColumn } from './first-column.ts'
import type { ViralityQuestion } from './virality-questions.ts'

export interface ViralityReportInput {
  readonly contents: ContentOutcomes
  readonly split: TimeSplit
  /** What was known in time, where that is not everything. */
  readonly remark: string | undefined
  readonly tests: readonly [ClassifierTest, ...ClassifierTest[]]
  readonly metrics: readonly MetricRow[]
  readonly early: EarlyCounts
  readonly model: TabularModel
  readonly questions: readonly [ViralityQuestion, ...ViralityQuestion[]]
  readonly creators: number
  readonly table: FeatureTable
  readonly features: TabularFeatures
  /** Rows of the table that the headline is judged on: the test contents in one of their forms. */
  readonly judgedRows: Int32Array
  readonly seed: number
}

/** @param scorer the model as it is served */
export async function viralityReport(input: ViralityReportInput, scorer: Scorer): Promise<readonly ReportSection[]> {
  const { tests, questions, split, remark, contents, model } = input
  const [headline] = tests
  const rate = (100 * headline.actual.reduce((sum, value) => sum + value, 0)) / headline.actual.length
  return [
    {
      kind: 'metrics',
      title: 'On contents it has not seen',
      rows: input.metrics,
      note: `${headline.actual.length} later contents, ${rate.toFixed(1)} % of them viral. Intervals are 95 % bootstrap intervals. “logistic” reads the same features; “creator rate” is how often the creator went viral, or exceeded the threshold, before. To become champion a model must have the best AUC and, so that its probabilities mean something, a log loss no worse than that of the constant “base rate” (at another moment than the headline’s: not worse by its whole interval); the Brier score is told beside it. A threshold, where there is one, is judged likewise, but for the AUC, which is only told.`,
    },
    {
      kind: 'charts',
      title: 'Does a probability mean what it says?',
      note: 'Probabilities are calibrated on the validation part and judged on the later test part.',
      charts: tests.map(({ moment, model: probability, actual, baselines }, i) =>
        reliabilityChart({
          title: moment,
          event: questions[Math.floor((i * questions.length) / tests.length)]!.event,
          probability,
          actual,
          baseline: { name: 'logistic', probability: baselines.logistic! },
        }),
      ),
    },
    ...sliceSections(slicesOf(input)),
    ...(await explainTabular({
      ...input,
      scorer,
      read: ({ probability }) => firstColumn(probability!),
      scale: 'points',
      rows: input.judgedRows,
      actual: headline.actual,
      clockAt: clocksOf(contents, split.test),
      metric: { name: `AUC ${headline.moment}`, higherIsBetter: true, statistic: auc },
    })),
    {
      kind: 'text',
      title: 'Data and training',
      paragraphs: [
        `Viral: ${input.questions[0].definition}.`,
        ...input.questions
          .slice(1)
          .map(
            ({ definition }) =>
              `Above the threshold: ${definition}; a second output of the same model, calibrated by itself.`,
          ),
        `${describeData(contents.publishedAt, split).rows.toLocaleString('en-US')} contents of the ${input.creators} creators with enough history, ${day(contents.publishedAt[0]!)} to ${day(contents.publishedAt[split.test.at(-1)!]!)}; ${split.train.length} for training, ${split.valid.length} for validation and calibration (from ${day(split.validFrom)}), ${split.test.length} for the test (from ${day(split.testFrom)}).`,
        ...(remark === undefined ? [] : [sentence(remark)]),
        input.early.kind === 'known'
          ? `Every content stands in the training data twice, with and without its counts of the first day (${input.early.names.join(', ')}), so that one model serves both moments.`
          : `Early counts are not used: ${input.early.reason}.`,
        `${describeModel(model, 'logistic')}; probabilities calibrated on the validation part, each moment by itself (Platt; with a refit, the intercept is that of the model fitted again).`,
      ],
    },
  ]
}

function slicesOf({ tests, contents, split, seed }: ViralityReportInput): SlicesInput {
  const [{ moment, actual, model, baselines }] = tests
  const examples = { actual, model, baseline: baselines.logistic! }
  return {
    metric: `AUC ${moment}`,
    higherIsBetter: true,
    baseline: 'logistic',
    whole: judgeWhole(examples, auc, seed),
    sliced: judgeSlices(contentSlicings(contents, split, split.test), examples, auc, seed),
    bias: { unit: 'percentage points', format: (bias) => `${bias < 0 ? '−' : '+'}${Math.abs(100 * bias).toFixed(1)}` },
  }
}
