import type { EChartsOption } from 'echarts'
import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { ContentOutcomes } from '../datasets/contents.ts'
import { forecastAges } from '../datasets/forecast-table.ts'
import { describeData, type TimeSplit } from '../datasets/time-split.ts'
import type { ConformalOffsets } from '../evaluation/conformal.ts'
import { pick } from '../evaluation/metric-row.ts'
import { rmse } from '../evaluation/regression.ts'
import type { TabularModel } from '../networks/tabular-model.ts'
import { chartColour } from '../report/chart-svg.ts'
import { predictedAgainstActual } from '../report/prediction-charts.ts'
import { type ReportSection, sentence } from '../report/report.ts'
import { describeModel } from './describe-model.ts'
import { coverageOf, type ForecastTest, judgedAge, known } from './forecast-metrics.ts'

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
}

export function forecastReport(input: ForecastReportInput): readonly ReportSection[] {
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
        `${describeData(contents.publishedAt, split).split}.`,
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
