import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { ContentOutcomes } from '../datasets/contents.ts'
import { day, describeData, type TimeSplit } from '../datasets/time-split.ts'
import type { ConformalOffsets } from '../evaluation/conformal.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { calibrationOfMeans, predictedAgainstActual } from '../report/prediction-charts.ts'
import { type ReportSection, sentence } from '../report/report.ts'
import { intervalCoverage, type TestOutcome } from './engagement-metrics.ts'
import { describeTarget, type EngagementTargets } from './engagement-targets.ts'

export interface EngagementReportInput {
  readonly contents: ContentOutcomes
  readonly split: TimeSplit
  /** What was known in time, where that is not everything. */
  readonly remark: string | undefined
  readonly targets: EngagementTargets
  readonly test: readonly TestOutcome[]
  readonly metrics: readonly MetricRow[]
  readonly offsets: readonly ConformalOffsets[]
  readonly model: TabularModel
  /** Promised share within the interval. */
  readonly coverage: number
}

export function engagementReport(input: EngagementReportInput): readonly ReportSection[] {
  const { targets, test, offsets } = input
  const main = targets.names[0]
  return [
    {
      kind: 'metrics',
      title: 'On contents it has not seen',
      rows: input.metrics,
      note: `Errors are in ln(1 + count): 0.69 is a factor of two. Intervals are 95 % bootstrap intervals over ${test[0]!.actual.length} later contents. “creator mean” is the mean of the creator’s last 60 contents whose count was known at publication; “ridge” reads the same features as the network. The coverage error is how far the share of contents within the interval is from the promised ${input.coverage}.`,
    },
    predictedAgainstActual(main, test[0]!.actual, test[0]!.model),
    calibrationOfMeans(main, test[0]!.actual, test[0]!.model),
    {
      kind: 'table',
      title: 'Intervals by target',
      header: ['Target', 'What it counts', 'Lower end ×', 'Upper end ×', 'Promised', 'On the test part'],
      rows: targets.names.map((name, t) => [
        name,
        describeTarget(name).description,
        Math.exp(offsets[t]!.lower),
        Math.exp(offsets[t]!.upper),
        input.coverage,
        intervalCoverage(test[t]!, offsets[t]!),
      ]),
    },
    { kind: 'text', title: 'Data and training', paragraphs: paragraphs(input) },
  ]
}

function paragraphs({ contents, split, remark, targets, model }: EngagementReportInput): string[] {
  const creators = new Set(contents.creatorId).size
  const { encoder, vocabularies } = model.prepared
  return [
    `${describeData(contents.publishedAt, split).rows.toLocaleString('en-US')} contents of ${creators.toLocaleString('en-US')} creators, ${day(contents.publishedAt[0]!)} to ${day(contents.publishedAt[split.test.at(-1)!]!)}; ${split.train.length} for training, ${split.valid.length} for validation (from ${day(split.validFrom)}), ${split.test.length} for the test (from ${day(split.testFrom)}).`,
    contents.singleDay
      ? 'All counts stand on the day of publication, so every horizon is the same and only the one of 7 days is kept.'
      : 'A count of n days covers the day of publication and the n days after it, and is used only where those days have passed.',
    ...(remark === undefined ? [] : [sentence(remark)]),
    ...targets.dropped.map(({ name, reason }) => `Left out: ${name}, because ${reason}.`),
    `${encoder.featureCount} numeric features in ${encoder.binFeature.length} bins and ${vocabularies.length} categorical fields; ${model.shape.members} networks in one that start from the ridge solution, best epoch ${model.epochs} (0 = the ridge solution itself was not beaten on the validation part).`,
  ]
}
