import type { ContentOutcomes } from '../datasets/contents.ts'
import type { EarlyCounts } from '../datasets/early-counts.ts'
import { day, describeData, type TimeSplit } from '../datasets/time-split.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { sentence } from '../report/report.ts'
import { describeModel } from './describe-model.ts'
import type { OutcomeReportWords } from './outcome-report.ts'
import type { OutcomeTargets } from './outcome-targets.ts'

/** How the report of a model of contents' outcomes speaks of them. */
export function contentReportWords(from: {
  readonly contents: ContentOutcomes
  readonly split: TimeSplit
  /** What was known in time, where that is not everything. */
  readonly remark: string | undefined
  readonly targets: OutcomeTargets
  readonly model: TabularModel
  readonly early: EarlyCounts
}): OutcomeReportWords {
  const { contents, split, remark, targets, model, early } = from
  const creators = new Set(contents.creatorId).size
  const { encoder, vocabularies } = model.prepared
  return {
    examples: 'contents',
    errors: 'Errors are in ln(1 + count): 0.69 is a factor of two.',
    baselines:
      '“creator mean” is the mean of the creator’s last 60 contents whose count was known at publication; “ridge” reads the same features as the network.',
    paragraphs: [
      `${describeData(contents.publishedAt, split).rows.toLocaleString('en-US')} contents of ${creators.toLocaleString('en-US')} creators, ${day(contents.publishedAt[0]!)} to ${day(contents.publishedAt[split.test.at(-1)!]!)}; ${split.train.length} for training, ${split.valid.length} for validation (from ${day(split.validFrom)}), ${split.test.length} for the test (from ${day(split.testFrom)}).`,
      contents.singleDay
        ? 'All counts stand on the day of publication, so every horizon is the same and only the one of 7 days is kept.'
        : 'A count of n days covers the day of publication and the n days after it, and is used only where those days have passed.',
      ...(remark === undefined ? [] : [sentence(remark)]),
      ...targets.dropped.map(({ name, reason }) => `Left out: ${name}, because ${reason}.`),
      early.kind === 'known'
        ? `Every content stands in the training data twice, with and without its counts of the first day (${early.names.join(', ')}), so that one model serves both moments.`
        : `Early counts are not used: ${early.reason}.`,
      `${encoder.featureCount} numeric features in ${encoder.binFeature.length} bins and ${vocabularies.length} categorical fields; ${describeModel(model, 'ridge')}.`,
    ],
  }
}
