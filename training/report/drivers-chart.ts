import type { GroupImportance } from '../evaluation/permutation-importance.ts'
import { dotChart } from './dot-chart.ts'
import { formatNumber } from './html.ts'
import type { ReportSection } from './report.ts'

export interface DriversInput {
  /** The metric in words, e.g. `RMSE of ln views_7d`. */
  readonly metric: string
  readonly higherIsBetter: boolean
  /** Of the unchanged rows. */
  readonly value: number
  readonly groups: readonly GroupImportance[]
  readonly rowCount: number
}

/** How much worse the metric gets without each group of features. */
export function driversChart({ metric, higherIsBetter, value, groups, rowCount }: DriversInput): ReportSection {
  const [first, ...rest] = groups
  const lost = higherIsBetter ? 'lost' : 'gained'
  const shown =
    first === undefined
      ? ''
      : ` Shuffling “${first.label}” ${higherIsBetter ? 'lowers' : 'raises'} the ${metric} from ${formatNumber(value)} to ${formatNumber(first.without)}.`
  const idle = rest.filter(({ harm: { low } }) => (low ?? 0) <= 0).length
  return dotChart({
    title: 'What the predictions rest on',
    caption: `How much worse the ${metric} gets when what a group of features says is shuffled among ${rowCount.toLocaleString('en-US')} test examples; the further right, the more the model needs it.${shown}${idle === 0 ? '' : ` ${idle} of the ${groups.length} groups make no difference that is beyond chance.`} Lines: 95 % intervals over examples and shuffles. What two groups both say is not missed when one of them is shuffled.`,
    axis: `${metric} ${lost}`,
    rows: groups.map(({ label, harm }) => ({ label, estimate: harm })),
    dots: 'this group shuffled',
    line: { name: 'nothing shuffled', at: 0 },
  })
}
