import type { EChartsOption } from 'echarts'
import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { Churn } from '../../models/payloads/churn.ts'
import type { ChurnRows } from '../datasets/churn-rows.ts'
import type { FeatureTable } from '../datasets/content-table.ts'
import { day, type TimeSplit } from '../datasets/time-split.ts'
import { auc } from '../evaluation/classification.ts'
import { lifeTable } from '../evaluation/discrete-hazard.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { chartColour } from '../report/chart-svg.ts'
import { reliabilityChart } from '../report/prediction-charts.ts'
import type { ReportSection } from '../report/report.ts'
import type { HazardTargets } from './churn-targets.ts'
import type { ClassifierTest } from './classifier-metrics.ts'

export interface ChurnReportInput {
  readonly rows: ChurnRows
  readonly split: TimeSplit
  readonly tests: readonly [ClassifierTest, ...ClassifierTest[]]
  readonly metrics: readonly MetricRow[]
  readonly table: FeatureTable
  readonly targets: HazardTargets
  /** Of the test rows, `[test, weeks]`. */
  readonly hazards: Float32Array
  readonly model: TabularModel
  readonly churn: Churn
  readonly definition: string
}

export function churnReport(input: ChurnReportInput): readonly ReportSection[] {
  const { rows, split, tests, churn } = input
  const [headline] = tests
  return [
    {
      kind: 'metrics',
      title: 'On a moment it has not seen',
      rows: input.metrics,
      note: `${split.test.length} people at risk on ${day(split.testFrom)}, ${(100 * mean(headline.actual)).toFixed(1)} % of them lost ${headline.moment}. Intervals are 95 % bootstrap intervals over people. “logistic” reads the same features, week by week; “recency and frequency” knows how often and since when a person came and how long ago it was last; “BG/NBD” is the model of Fader, Hardie and Lee on active days, which knows silence only. To become champion a model must have less log loss than every baseline but “logistic”, which it starts from; that, and any baseline’s AUC, may not be better than its whole interval.`,
    },
    ...tests.map(({ moment, model: probability, actual }) => ({
      ...reliabilityChart(probability, actual, { examples: 'people', happened: 'was lost' }),
      title: `Does a probability mean what it says? (${moment})`,
    })),
    hazardChart(input),
    slices(input),
    {
      kind: 'text',
      title: 'Data and training',
      paragraphs: [
        `${input.definition.charAt(0).toUpperCase()}${input.definition.slice(1)}. At risk is who was seen within ${churn.silentDays} whole days.`,
        `${split.train.length} rows for training, each a person at a moment, ${split.valid.length} for validation and calibration (from ${day(split.validFrom)}), ${split.test.length} people for the test (on ${day(split.testFrom)}); ${new Set(rows.person).size} people in all. A week that was not over when the next part began counts as unknown (censored).`,
        ...churn.leftOut.map(({ days, reason }) => `Left out: ${days} days; ${reason}.`),
        `${input.model.shape.members} networks in one that start from the logistic solution, best epoch ${input.model.epochs}; the hazards of all weeks calibrated together on the validation part (Platt; with a refit, the intercept is that of the network fitted again). The probability of a horizon is 1 − Π (1 − hazard) over its weeks.`,
      ],
    },
  ]
}

/** Mean hazard by week of those still at risk, foretold and as it came (the life table of the test part). */
function hazardChart({ split, targets, hazards }: ChurnReportInput): ReportSection {
  const width = targets.ends.length
  const life = lifeTable(targets.test, width, split.test)
  const foretold = life.map((_, t) => {
    const its = Array.from(split.test, (row, i) =>
      Number.isNaN(targets.test[row * width + t]!) ? Number.NaN : hazards[i * width + t]!,
    )
    return mean(its.filter((value) => !Number.isNaN(value)))
  })
  const line = (name: string, values: readonly number[], colour: 'series1' | 'series2') => ({
    name,
    type: 'line' as const,
    symbol: 'circle',
    symbolSize: 8,
    lineStyle: { color: chartColour(colour), width: 2.5 },
    itemStyle: { color: chartColour(colour) },
    data: values.map((value) => Number((100 * value).toPrecision(5))),
  })
  return {
    kind: 'chart',
    title: 'In which week are people lost?',
    caption: `Of ${split.test.length} test people those not lost before: the share lost in each week, as foretold on ${day(split.testFrom)} and as it came (life table).`,
    option: {
      grid: { left: 76, right: 28, top: 36, bottom: 58 },
      legend: { top: 0, data: ['foretold', 'came'] },
      xAxis: { type: 'category', name: 'week', nameLocation: 'middle', nameGap: 32, data: life.map((_, t) => t + 1) },
      yAxis: { type: 'value', name: 'hazard, %', nameLocation: 'middle', nameGap: 46, min: 0 },
      series: [
        line('foretold', foretold, 'series1'),
        line(
          'came',
          life.map(({ events, atRisk }) => events / atRisk),
          'series2',
        ),
      ],
    } as EChartsOption,
  }
}

/** The headline's figures by device and by how long people have been there. */
function slices({ rows, split, tests: [headline], table }: ChurnReportInput): ReportSection {
  const device = table.categorical[table.categoricalFields.findIndex(({ name }) => name === 'device')]
  const { untilLast, sinceLast } = rows.history
  const tenure = (row: number): string => {
    const days = untilLast[row]! + sinceLast[row]!
    return days <= 28
      ? 'first seen up to 28 days ago'
      : days <= 90
        ? 'first seen 29 to 90 days ago'
        : 'first seen earlier'
  }
  const groups = new Map<string, number[]>()
  split.test.forEach((row, i) => {
    for (const name of [tenure(row), `device: ${device?.[row] || 'unknown'}`])
      groups.set(name, [...(groups.get(name) ?? []), i])
  })
  return {
    kind: 'table',
    title: `Of whom does it know most? (${headline.moment})`,
    header: ['people', 'number', 'lost', 'mean probability', 'AUC'],
    rows: [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, its]) => {
        const part = Int32Array.from(its)
        const [probability, actual] = [pick(headline.model, part), pick(headline.actual, part)]
        const area = auc(probability, actual)
        return [
          name,
          its.length,
          percent(mean(actual)),
          percent(mean(probability)),
          Number.isNaN(area) ? '–' : area.toFixed(3),
        ]
      }),
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
