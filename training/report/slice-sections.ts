import type { Estimate } from '../../models/artifact/manifest.ts'
import { fewestInSlice, mostSlices, otherSlice, type Slice, type SlicedBy } from '../evaluation/slices.ts'
import { percent } from './chart-parts.ts'
import { type DotRow, dotChart } from './dot-chart.ts'
import { formatNumber } from './html.ts'
import type { ReportSection, TableCell } from './report.ts'

export interface SlicesInput {
  /** The metric in words, e.g. `RMSE of ln views_7d`. */
  readonly metric: string
  readonly higherIsBetter: boolean
  /** Name of the baseline. */
  readonly baseline: string
  readonly whole: Slice
  readonly sliced: readonly SlicedBy[]
  /** How a bias is written, and in what. */
  readonly bias: { readonly unit: string; readonly format: (bias: number) => string }
  /** Share promised within the interval, where there is one. */
  readonly promised?: number
}

/** Where a model is good and where it is not: a picture and the same as a table. */
export function sliceSections(input: SlicesInput): readonly ReportSection[] {
  const { metric, baseline, whole, sliced } = input
  if (sliced.length === 0) return []
  const rows = sliced.flatMap(({ name, slices }): readonly DotRow[] => [
    { label: name },
    ...slices.map((slice) => ({
      label: `${slice.name} (${slice.count.toLocaleString('en-US')})`,
      estimate: slice.model,
      beside: slice.baseline,
    })),
  ])
  return [
    dotChart({
      title: 'Where it is good, and where not',
      caption: `The ${metric} of parts of the test (number of examples in brackets), with 95 % bootstrap intervals; further ${input.higherIsBetter ? 'right' : 'left'} is better. ${verdict(input)}`,
      axis: metric,
      rows,
      dots: 'model',
      beside: baseline,
      line: { name: `model, all (${formatNumber(whole.model.value)})`, at: whole.model.value },
    }),
    table(input),
  ]
}

/** The extreme slice, and those where the baseline is ahead. */
function verdict({ metric, higherIsBetter, baseline, sliced }: SlicesInput): string {
  const all = sliced.flatMap(({ name, slices }) =>
    slices
      .map((slice) => ({ ...slice, title: `${name} ${slice.name}` }))
      .filter(({ model }) => Number.isFinite(model.value)),
  )
  const worse = (a: number, b: number): number => (higherIsBetter ? a - b : b - a)
  const [worst] = [...all].sort((a, b) => worse(a.model.value, b.model.value))
  const lost = all.filter((slice) => worse(slice.model.value, slice.baseline) < 0)
  const behind =
    lost.length === 0
      ? `It is ahead of ${baseline} in every slice.`
      : `It is behind ${baseline} in ${lost.length} of ${all.length} slices (${lost
          .slice(0, 3)
          .map(({ title }) => title)
          .join('; ')}${lost.length > 3 ? '; …' : ''}).`
  return worst === undefined ? '' : `Worst: ${worst.title}, ${metric} ${formatNumber(worst.model.value)}. ${behind}`
}

function table({ metric, baseline, whole, sliced, bias: written, promised }: SlicesInput): ReportSection {
  const line = (by: string, { name, count, model, baseline: theirs, bias, covered }: Slice): readonly TableCell[] => [
    by,
    name,
    count,
    withInterval(model, formatNumber),
    theirs,
    withInterval(bias, written.format),
    ...(covered === undefined ? [] : [withInterval(covered, percent)]),
  ]
  return {
    kind: 'table',
    title: 'The same in figures',
    header: [
      'By',
      'Slice',
      'Examples',
      metric,
      baseline,
      `Bias, ${written.unit}`,
      ...(promised === undefined ? [] : [`Within the interval of ${percent(promised)}`]),
    ],
    rows: [
      line('All', whole),
      ...sliced.flatMap(({ name, slices }) => slices.map((slice, i) => line(i === 0 ? name : '', slice))),
    ],
    note: `Bias: the mean prediction against the mean outcome. Slices of fewer than ${fewestInSlice} examples, and those behind the ${mostSlices} largest, are summed as “${otherSlice}”. What does not divide the test examples is not listed. Small figures: 95 % intervals.`,
  }
}

const withInterval = ({ value, low, high }: Estimate, format: (value: number) => string): TableCell => ({
  text: Number.isFinite(value) ? format(value) : '–',
  below: low === null || high === null || !Number.isFinite(value) ? '' : `${format(low)} … ${format(high)}`,
})
