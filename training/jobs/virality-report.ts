import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { ContentOutcomes } from '../datasets/contents.ts'
import type { EarlyCounts } from '../datasets/early-counts.ts'
import { day, describeData, type TimeSplit } from '../datasets/time-split.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { reliabilityChart } from '../report/prediction-charts.ts'
import { type ReportSection, sentence } from '../report/report.ts'
import type { ClassifierTest } from './classifier-metrics.ts'

export interface ViralityReportInput {
  readonly contents: ContentOutcomes
  readonly split: TimeSplit
  /** What was known in time, where that is not everything. */
  readonly remark: string | undefined
  readonly tests: readonly [ClassifierTest, ...ClassifierTest[]]
  readonly metrics: readonly MetricRow[]
  readonly early: EarlyCounts
  readonly model: TabularModel
  readonly definition: string
  readonly creators: number
}

export function viralityReport(input: ViralityReportInput): readonly ReportSection[] {
  const { tests, split, remark, contents, model } = input
  const [headline] = tests
  const rate = (100 * headline.actual.reduce((sum, value) => sum + value, 0)) / headline.actual.length
  return [
    {
      kind: 'metrics',
      title: 'On contents it has not seen',
      rows: input.metrics,
      note: `${headline.actual.length} later contents, ${rate.toFixed(1)} % of them viral. Intervals are 95 % bootstrap intervals. “logistic” reads the same features; “creator rate” is how often the creator went viral before. To become champion a model must have the best AUC and, so that its probabilities mean something, a log loss no worse than that of the constant “base rate” (at another moment than the headline’s: not worse by its whole interval); the Brier score is told beside it.`,
    },
    ...tests.map(({ moment, model: probability, actual }) => ({
      ...reliabilityChart(probability, actual, { examples: 'contents', happened: 'went viral' }),
      title: `Does a probability mean what it says? (${moment})`,
    })),
    {
      kind: 'text',
      title: 'Data and training',
      paragraphs: [
        `Viral: ${input.definition}.`,
        `${describeData(contents.publishedAt, split).rows.toLocaleString('en-US')} contents of the ${input.creators} creators with enough history, ${day(contents.publishedAt[0]!)} to ${day(contents.publishedAt[split.test.at(-1)!]!)}; ${split.train.length} for training, ${split.valid.length} for validation and calibration (from ${day(split.validFrom)}), ${split.test.length} for the test (from ${day(split.testFrom)}).`,
        ...(remark === undefined ? [] : [sentence(remark)]),
        input.early.kind === 'known'
          ? `Every content stands in the training data twice, with and without its counts of the first day (${input.early.names.join(', ')}), so that one model serves both moments.`
          : `Early counts are not used: ${input.early.reason}.`,
        `${model.shape.members} networks in one that start from the logistic solution, best epoch ${model.epochs}; probabilities calibrated on the validation part, each moment by itself (Platt; with a refit, the intercept is that of the network fitted again).`,
      ],
    },
  ]
}
