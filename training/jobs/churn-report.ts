import type { EChartsOption } from 'echarts'
import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { Churn } from '../../models/payloads/churn.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Scorer, Tensor } from '../../models/scorer.ts'
import type { ChurnRows } from '../datasets/churn-rows.ts'
import type { FeatureTable } from '../datasets/content-table.ts'
import { day, type TimeSplit } from '../datasets/time-split.ts'
import { logLoss } from '../evaluation/classification.ts'
import { lifeTable } from '../evaluation/discrete-hazard.ts'
import { mean } from '../evaluation/mean.ts'
import { judgeSlices, judgeWhole } from '../evaluation/slices.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { chartColour } from '../report/chart-svg.ts'
import { reliabilityChart } from '../report/reliability-chart.ts'
import type { ReportSection } from '../report/report.ts'
import { type SlicesInput, sliceSections } from '../report/slice-sections.ts'
import { linearStart } from './churn-gate.ts'
import type { HazardTargets } from './churn-targets.ts'
import type { ClassifierTest } from './classifier-metrics.ts'
import { describeModel } from './describe-model.ts'
import { explainTabular } from './explain-tabular.ts'

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
  readonly features: TabularFeatures
  readonly definition: string
  readonly seed: number
}

/** @param scorer the model as it is served */
export async function churnReport(input: ChurnReportInput, scorer: Scorer): Promise<readonly ReportSection[]> {
  const { rows, split, tests, churn } = input
  const [headline] = tests
  return [
    {
      kind: 'metrics',
      title: 'On a moment it has not seen',
      rows: input.metrics,
      note: `${split.test.length} people at risk on ${day(split.testFrom)}, ${(100 * mean(headline.actual)).toFixed(1)} % of them lost ${headline.moment}. Intervals are 95 % bootstrap intervals over people. “logistic” reads the same features, week by week; “recency and frequency” knows how often and since when a person came and how long ago it was last; “BG/NBD” is the model of Fader, Hardie and Lee on active days, which knows silence only. To become champion a model must have less log loss than every baseline but “logistic”, which it starts from; that, and any baseline’s AUC, may not be better than its whole interval.`,
    },
    {
      kind: 'charts',
      title: 'Does a probability mean what it says?',
      note: 'Probabilities are calibrated on the validation part and judged on the later test part.',
      charts: tests.map(({ moment, model: probability, actual, baselines }) =>
        reliabilityChart({
          title: moment,
          event: 'were lost',
          probability,
          actual,
          baseline: { name: linearStart, probability: baselines[linearStart]! },
        }),
      ),
    },
    hazardChart(input),
    ...sliceSections(slicesOf(input)),
    ...(await explainTabular({
      ...input,
      scorer,
      read: ({ probability }) => firstColumn(probability!),
      scale: 'points',
      rows: split.test,
      actual: headline.actual,
      metric: { name: `log loss ${headline.moment}`, higherIsBetter: false, statistic: logLoss },
    })),
    {
      kind: 'text',
      title: 'Data and training',
      paragraphs: [
        `${input.definition.charAt(0).toUpperCase()}${input.definition.slice(1)}. At risk is who was seen within ${churn.silentDays} whole days.`,
        `${split.train.length} rows for training, each a person at a moment, ${split.valid.length} for validation and calibration (from ${day(split.validFrom)}), ${split.test.length} people for the test (on ${day(split.testFrom)}); ${new Set(rows.person).size} people in all. A week that was not over when the next part began counts as unknown (censored).`,
        ...churn.leftOut.map(({ days, reason }) => `Left out: ${days} days; ${reason}.`),
        `${describeModel(input.model, linearStart)}; the hazards of all weeks calibrated together on the validation part (Platt; with a refit, the intercept is that of the model fitted again). The probability of a horizon is 1 − Π (1 − hazard) over its weeks.`,
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

/** The shortest horizon. */
const firstColumn = ({ shape, data }: Tensor): Float64Array =>
  Float64Array.from({ length: shape[0]! }, (_, row) => data[row * shape[1]!]!)

/** The headline by device and by how long people have been there. */
function slicesOf({ rows, split, tests: [headline], table, seed }: ChurnReportInput): SlicesInput {
  const device = table.categorical[table.categoricalFields.findIndex(({ name }) => name === 'device')]
  const { untilLast, sinceLast } = rows.history
  const tenure = (row: number): string => {
    const days = untilLast[row]! + sinceLast[row]!
    return days <= 28 ? 'up to 28 days ago' : days <= 90 ? '29 to 90 days ago' : 'earlier'
  }
  const examples = { actual: headline.actual, model: headline.model, baseline: headline.baselines[linearStart]! }
  const slicings = [
    { name: 'Device', sliceOf: Array.from(split.test, (row) => device?.[row] || 'unknown') },
    { name: 'First seen', sliceOf: Array.from(split.test, tenure) },
  ]
  return {
    metric: `log loss ${headline.moment}`,
    higherIsBetter: false,
    baseline: linearStart,
    whole: judgeWhole(examples, logLoss, seed),
    sliced: judgeSlices(slicings, examples, logLoss, seed),
    bias: { unit: 'percentage points', format: (bias) => `${bias < 0 ? '−' : '+'}${Math.abs(100 * bias).toFixed(1)}` },
  }
}
