import { hoursPerWeek } from '../../features/transforms/local-clock.ts'
import type { MetricRow } from '../../models/artifact/manifest.ts'
import { unknownTimeZone } from '../datasets/creator-time-zones.ts'
import type { HourTable } from '../datasets/hour-posts.ts'
import type { OutcomeName } from '../datasets/outcome-names.ts'
import { day, type TimeSplit } from '../datasets/time-split.ts'
import type { HourTerm, PostingTimeFit } from '../estimators/posting-time.ts'
import type { PostingTimeTables } from '../estimators/posting-time-tables.ts'
import { type ReportSection, sentence } from '../report/report.ts'
import { liftChart, weekChart } from './posting-time-charts.ts'
import { jobRules, liftMetric } from './posting-time-metrics.ts'

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

export function postingTimeReport(input: PostingTimeReportInput): readonly ReportSection[] {
  const { table, tables, split, metrics } = input
  const bases = (['creator', 'category', 'platform', 'everyone'] as const).map(
    (basis) => [basis, tables.creators.slice(1).filter((creator) => creator.basis === basis).length] as const,
  )
  return [
    {
      kind: 'metrics',
      title: 'On later posts',
      rows: metrics,
      note: `${split.test.length} posts from ${day(split.testFrom)} on. Creators are resampled whole for the 95 % intervals. “permuted hours” is a placebo: the same method after shuffling each creator’s hours. “fixed shrinkage”: the creator’s hour of day drawn to everyone’s, nothing chosen. ${backTestText}`,
    },
    ...metrics.filter(({ metric }) => metric === liftMetric).map(liftChart),
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

const backTestText = `The lift is of creators with at least ${jobRules.fewestPast} posts before and ${jobRules.fewestLater} after, among hours of the day used ${jobRules.fewestUses} times or more; it is left out below ten creators. Observational: a creator may post what is good at good hours, so moving a post need not bring as much.`

function paragraphs({ fit, outcome, split, remark, validR2 }: PostingTimeReportInput, table: HourTable): string[] {
  const { neighbour, otherDay, otherKind, strength } = fit.settings
  const clocks = table.creators.filter(({ timeZone }) => timeZone !== unknownTimeZone).length
  const posts = (k: number): string => (k === Number.POSITIVE_INFINITY ? 'not used' : `drawn as by ${k} posts`)
  return [
    `${table.rowCount.toLocaleString('en-US')} posts of ${table.creators.length.toLocaleString('en-US')} creators, by ${outcome}, as ln(1 + count) minus the creator’s own mean. Fitted on posts before ${day(split.testFrom)}.`,
    ...(remark === undefined ? [] : [sentence(remark)]),
    `Chosen by cross-validation over five blocks of time before the test part (within-creator R² ${validR2.toFixed(4)}): the next hour counts ${neighbour}, the same hour of another day of the same kind (working day or weekend) ${otherDay}, of the other kind ${otherKind}; everyone ${posts(strength[0])} to no effect, platform and category ${posts(strength[1])}, the creator ${posts(strength[3])}.`,
    `${clocks} of ${table.creators.length} creators live on a clock that their country tells (where most of its people live, if it has several), so that their hours move with daylight saving; the others’ hours are UTC.`,
    termText(fit, 'audience activity', 'the audience (fct_audience_hourly)'),
    termText(fit, 'crowding', 'the number of others in the category who post at that hour'),
  ]
}

function termText({ terms }: PostingTimeFit, name: HourTerm['name'], what: string): string {
  const used = terms.find((term) => term.name === name)
  return used === undefined
    ? `${sentence(name).slice(0, -1)} is not used: nothing is known of it, or it did not help in cross-validation.`
    : `One standard deviation more of ${what} goes with an expected engagement of ×${Math.exp(used.weight).toFixed(3)}.`
}
