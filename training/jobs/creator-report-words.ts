import type { FeatureTable } from '../datasets/content-table.ts'
import type { CreatorWeeks } from '../datasets/creator-weeks.ts'
import { day, type TimeSplit } from '../datasets/time-split.ts'
import { quarters, type Slicing } from '../evaluation/slices.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { sentence } from '../report/report.ts'
import { describeModel } from './describe-model.ts'
import type { OutcomeReportWords } from './outcome-report.ts'

/** How the test part is divided, to see where the model is good. */
export function creatorSlicings(weeks: CreatorWeeks, table: FeatureTable, { test }: TimeSplit): readonly Slicing[] {
  const named = (title: string, field: string): Slicing => {
    const column = table.categorical[table.categoricalFields.findIndex(({ name }) => name === field)]!
    return { name: title, sliceOf: Array.from(test, (row) => column[row] || 'unknown') }
  }
  const before = weeks.meanBefore(28)
  const dollars = Float64Array.from(test, (row) => Math.round((28 * before[row]!) / 100))
  return [
    named('Platform', 'platform'),
    named('Category', 'category'),
    named('Country', 'country'),
    {
      name: 'Earned in the 28 days before',
      ...quarters(dollars, (least, most) => (least === most ? `${least} USD` : `${least}–${most} USD`)),
    },
    { name: 'Monday', sliceOf: Array.from(test, (row) => day(weeks.at[row]!)) },
  ]
}

/** How the report speaks of creators at Mondays. */
export function creatorReportWords(from: {
  readonly weeks: CreatorWeeks
  readonly split: TimeSplit
  readonly remark: string | undefined
  readonly dropped: readonly { readonly name: string; readonly reason: string }[]
  readonly model: TabularModel
}): OutcomeReportWords {
  const { weeks, split, remark, dropped, model } = from
  const { encoder, vocabularies } = model.prepared
  const creators = new Set(weeks.creatorId).size.toLocaleString('en-US')
  return {
    examples: 'creators’ weeks',
    errors:
      'Errors are in ln(1 + US cents): 0.69 is a factor of two. A row is a creator on a Monday; rows of a creator are drawn together.',
    baselines:
      '“last 7 days”, “last 28 days” and “last 90 days” let it go on as it did in those days (where the data does not reach that far back, in those that it has); “ridge” reads the same features as the network, which starts from it, so it refuses the model only where it is better than the whole interval.',
    paragraphs: [
      `${weeks.rowCount.toLocaleString('en-US')} rows of ${creators} creators who earned something in the 90 days before, on Mondays from ${day(weeks.at[0]!)} to ${day(weeks.at.at(-1)!)}; ${split.train.length} for training, ${split.valid.length} for validation (from ${day(split.validFrom)}), ${split.test.length} for the test (from ${day(split.testFrom)}).`,
      'Revenue of n days is that of the Monday and the days after it, of all contents, also those published in these days.',
      ...(remark === undefined ? [] : [sentence(remark)]),
      ...dropped.map(({ name, reason }) => `Left out: ${name}, because ${reason}.`),
      `${encoder.featureCount} numeric features in ${encoder.binFeature.length} bins and ${vocabularies.length} categorical fields; ${describeModel(model, 'ridge')}.`,
    ],
  }
}
