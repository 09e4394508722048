import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { HourTable } from '../datasets/hour-posts.ts'
import type { OutcomeName } from '../datasets/outcome-names.ts'
import { day, type TimeSplit } from '../datasets/time-split.ts'
import { hoursPerWeek } from '../estimators/hour-effects.ts'
import type { PostingTimeFit } from '../estimators/posting-time.ts'
import type { PostingTimeTables } from '../estimators/posting-time-tables.ts'
import { chartColour } from '../report/chart-svg.ts'
import { type ReportSection, sentence } from '../report/report.ts'

export interface PostingTimeReportInput {
  readonly table: HourTable
  readonly fit: PostingTimeFit
  readonly tables: PostingTimeTables
  readonly metrics: readonly MetricRow[]
  readonly outcome: OutcomeName
  readonly split: TimeSplit
  /** What was known in time, where that is not everything. */
  readonly remark: string | undefined
  readonly validR2: number
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

export function postingTimeReport(input: PostingTimeReportInput): readonly ReportSection[] {
  const { table, tables, split } = input
  const bases = (['creator', 'category', 'platform', 'everyone'] as const).map(
    (basis) => [basis, tables.creators.slice(1).filter((creator) => creator.basis === basis).length] as const,
  )
  return [
    {
      kind: 'metrics',
      title: 'On later posts',
      rows: input.metrics,
      note: `${split.test.length} posts from ${day(split.testFrom)} on. Creators are resampled whole for the 95 % intervals. “permuted hours” is a placebo: the same method after shuffling each creator’s hours. Observational: a creator may post what is good at good hours.`,
    },
    weekChart(tables.lift.subarray(0, hoursPerWeek)),
    {
      kind: 'table',
      title: 'What the estimates rest on',
      header: ['Most weight', 'Creators'],
      rows: bases.map(([basis, count]) => [basis, count]),
    },
    { kind: 'text', title: 'Data and method', paragraphs: paragraphs(input, table) },
  ]
}

function paragraphs({ fit, outcome, split, remark, validR2 }: PostingTimeReportInput, table: HourTable): string[] {
  const { neighbour, otherDay, strength } = fit.settings
  const posts = (k: number): string => (k === Number.POSITIVE_INFINITY ? 'not used' : `drawn as by ${k} posts`)
  return [
    `${table.rowCount.toLocaleString('en-US')} posts of ${table.creators.length.toLocaleString('en-US')} creators, by ${outcome}, as ln(1 + count) minus the creator’s own mean. Fitted on posts before ${day(split.testFrom)}.`,
    ...(remark === undefined ? [] : [sentence(remark)]),
    `Chosen by cross-validation over five blocks of time before the test part (within-creator R² ${validR2.toFixed(4)}): the next hour counts ${neighbour}, the same hour of another day ${otherDay}; everyone ${posts(strength[0])} to no effect, platform and category ${posts(strength[1])}, the creator ${posts(strength[3])}.`,
    fit.activityWeight === 0
      ? 'Audience activity (fct_audience_hourly) is not used: there is none, or it did not help in cross-validation.'
      : `One standard deviation of audience activity changes the expected engagement by a factor of ${Math.exp(fit.activityWeight).toFixed(3)}.`,
  ]
}

function weekChart(lift: Float32Array): Extract<ReportSection, { kind: 'chart' }> {
  const cells = Array.from(lift, (value, hour) => [hour % 24, Math.floor(hour / 24), Number(value.toFixed(3))])
  const far = Math.max(0.02, ...Array.from(lift, (value) => Math.abs(value - 1)))
  return {
    kind: 'chart',
    title: 'Everyone’s week',
    caption: 'Expected engagement ÷ the creator’s own mean, by hour of the week (UTC), over all creators.',
    height: 330,
    option: {
      grid: { left: 64, right: 24, top: 12, bottom: 104 },
      xAxis: {
        type: 'category',
        name: 'hour of the day, UTC',
        nameLocation: 'middle',
        nameGap: 30,
        data: Array.from({ length: 24 }, (_, hour) => String(hour)),
      },
      yAxis: { type: 'category', inverse: true, data: weekdays },
      visualMap: {
        min: Number((1 - far).toFixed(3)),
        max: Number((1 + far).toFixed(3)),
        precision: 2,
        orient: 'horizontal',
        left: 'center',
        bottom: 6,
        itemHeight: 220,
        text: ['better', 'worse'],
        inRange: { color: ['#b35806', '#f1a340', '#d8d8de', '#67a9cf', '#2166ac'] },
        textStyle: { color: chartColour('muted') },
      },
      series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: 'transparent' } }],
    },
  }
}
