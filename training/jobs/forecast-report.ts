import type { EChartsOption } from 'echarts'
import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Scorer } from '../../models/scorer.ts'
import type { FeatureTable } from '../datasets/content-table.ts'
import type { ContentOutcomes } from '../datasets/contents.ts'
import { forecastAges } from '../datasets/forecast-table.ts'
import { describeData, type TimeSplit } from '../datasets/time-split.ts'
import type { ConformalOffsets } from '../evaluation/conformal.ts'
import { withinInterval } from '../evaluation/interval-quality.ts'
import { pick } from '../evaluation/metric-row.ts'
import { rmse } from '../evaluation/regression.ts'
import { judgeSlices, judgeWhole } from '../evaluation/slices.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { chartColour } from '../report/chart-svg.ts'
import { predictedAgainstActual } from '../report/prediction-charts.ts'
import { type ReportSection, sentence } from '../report/report.ts'
import { type SlicesInput, sliceSections } from '../report/slice-sections.ts'
import { contentSlicings } from './content-slicings.ts'
import { describeModel } from './describe-model.ts'
import { explainTabular } from './explain-tabular.ts'
import { coverageOf, type ForecastTest, judgedAge, known } from './forecast-metrics.ts'
import { headlineLogs } from './outcome-tensors.ts'

export interface ForecastReportInput {
  readonly contents: ContentOutcomes
  readonly split: TimeSplit
  /** What was known in time, where that is not everything. */
  readonly remark: string | undefined
  readonly test: ForecastTest
  readonly metrics: readonly MetricRow[]
  /** `[A][T]` */
  readonly offsets: readonly (readonly ConformalOffsets[])[]
  readonly model: TabularModel
  /** Promised share within the interval. */
  readonly coverage: number
  readonly table: FeatureTable
  readonly features: TabularFeatures
  readonly seed: number
}

/** @param scorer the model as it is served */
export async function forecastReport(input: ForecastReportInput, scorer: Scorer): Promise<readonly ReportSection[]> {
  const { test, offsets, contents, split, model } = input
  const [headline] = test.names
  const judged = known(test, 0, judgedAge)
  const counts = (growth: readonly Float64Array[]): Float64Array =>
    Float64Array.from(judged, (i) => test.soFar[0]![i]! + growth[0]![i]!)
  const measured = forecastAges.flatMap((days, k) => {
    const its = known(test, 0, k)
    return its.length < 2 ? [] : [{ days, k, its }]
  })
  return [
    {
      kind: 'metrics',
      title: 'On contents it has not seen',
      rows: input.metrics,
      note: `Errors are in ln(1 + count). “from day 1” knows the counts until the end of the day after publication. “mean growth” adds the same growth to every content of an age (Szabo & Huberman 2010), “no growth” takes the count so far, “ridge” reads the same features as the network.`,
    },
    errorByAge(headline!, test, measured),
    {
      kind: 'chart',
      ...predictedAgainstActual(counts(test.actual), counts(test.model)),
      title: `Predicted and actual ${headline} from day 1`,
    },
    ...sliceSections(slicesOf(input, judged)),
    ...(await explainTabular({
      ...input,
      scorer,
      read: ({ prediction }) => headlineLogs(prediction!),
      scale: 'factor',
      rows: judged.map((i) => test.rows[i]!),
      actual: counts(test.actual),
      metric: { name: `RMSE of ln ${headline} from day 1`, higherIsBetter: false, statistic: rmse },
    })),
    {
      kind: 'table',
      title: `Intervals of ${headline} by age`,
      header: ['Known until day', 'Contents', 'Lower end ×', 'Upper end ×', 'Promised', 'On the test part'],
      rows: measured.map(({ days, k, its }) => [
        days,
        its.length,
        Math.exp(offsets[k]![0]!.lower),
        Math.exp(offsets[k]![0]!.upper),
        input.coverage,
        coverageOf(test, offsets, 0, k, its),
      ]),
    },
    {
      kind: 'text',
      title: 'Data and training',
      paragraphs: [
        sentence(`split ${describeData(contents.publishedAt, split).split}`),
        ...(input.remark === undefined ? [] : [sentence(input.remark)]),
        `Every content stands in the training data once for each of the ages ${forecastAges.join(', ')} (days after that of publication) at which its growth was still open.`,
        `${describeModel(model, 'ridge')}.`,
      ],
    },
  ]
}

function errorByAge(
  headline: string,
  test: ForecastTest,
  measured: readonly { readonly days: number; readonly its: Int32Array }[],
): ReportSection {
  const contenders = [
    ['network', test.model[0]!, 'series1'],
    ['ridge', test.ridge[0]!, 'series2'],
    ['mean growth', test.meanGrowth[0]!, 'series3'],
  ] as const
  return {
    kind: 'chart',
    title: 'The longer a content is known, the surer',
    caption: `RMSE of ln ${headline} on the test contents, by how long a content was known.`,
    option: {
      grid: { left: 76, right: 28, top: 36, bottom: 58 },
      legend: { top: 0, data: contenders.map(([name]) => name) },
      xAxis: {
        type: 'category',
        name: 'known until day',
        nameLocation: 'middle',
        nameGap: 32,
        data: measured.map(({ days }) => String(days)),
      },
      yAxis: { type: 'value', name: 'RMSE', nameLocation: 'middle', nameGap: 46 },
      series: contenders.map(([name, predicted, colour]) => ({
        name,
        type: 'line',
        symbolSize: 8,
        lineStyle: { color: chartColour(colour), width: 2.5 },
        itemStyle: { color: chartColour(colour) },
        data: measured.map(({ its }) => Number(rmse(pick(predicted, its), pick(test.actual[0]!, its)).toPrecision(4))),
      })),
    } as EChartsOption,
  }
}

/** The headline's growth from day 1. */
function slicesOf(
  { test, contents, split, offsets, coverage, seed }: ForecastReportInput,
  judged: Int32Array,
): SlicesInput {
  const actual = pick(test.actual[0]!, judged)
  const model = pick(test.model[0]!, judged)
  const { lower, upper } = offsets[judgedAge]![0]!
  const end = (offset: number): Float64Array => model.map((value) => Math.max(0, value + offset))
  const covered = withinInterval(end(lower), end(upper), actual)
  const examples = { actual, model, baseline: pick(test.meanGrowth[0]!, judged), covered }
  const rows = judged.map((i) => test.rows[i]! % contents.rowCount)
  return {
    metric: `RMSE of ln ${test.names[0]} from day 1`,
    higherIsBetter: false,
    baseline: 'mean growth',
    whole: judgeWhole(examples, rmse, seed),
    sliced: judgeSlices(contentSlicings(contents, split, rows), examples, rmse, seed),
    bias: { unit: 'factor', format: (bias) => `×${Math.exp(bias).toFixed(2)}` },
    promised: coverage,
  }
}
