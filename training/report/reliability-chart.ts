import type { EChartsOption } from 'echarts'
import { createRandom } from '../backend/random.ts'
import { consistencyBand, expectedCalibrationError, reliabilityCurve } from '../evaluation/reliability.ts'
import { bandSeries, percent, plainLine, plotRoom, rounded, shareEnds, valueAxis } from './chart-parts.ts'
import { chartColour } from './chart-svg.ts'
import type { Chart } from './report.ts'

export interface ReliabilityInput {
  readonly title: string
  /** What a probability is of, e.g. `went viral`. */
  readonly event: string
  readonly probability: ArrayLike<number>
  /** 1 or 0 */
  readonly actual: ArrayLike<number>
  readonly baseline: { readonly name: string; readonly probability: ArrayLike<number> }
}

const bins = 10
const bars = 25

/** Reliability curve of a classifier with the band of chance, and the histogram of its probabilities below. */
export function reliabilityChart({ title, event, probability, actual, baseline }: ReliabilityInput): Chart {
  const curve = reliabilityCurve(probability, actual, bins)
  const band = consistencyBand(probability, createRandom(1), bins)
  const outside = curve.filter(({ observedRate }, i) => observedRate < band[i]!.low || observedRate > band[i]!.high)
  const errors = [probability, baseline.probability].map((its) => expectedCalibrationError(its, actual).toFixed(3))
  return {
    title,
    caption: `Each dot is a tenth of the ${actual.length.toLocaleString('en-US')} test examples by predicted probability, against how often they ${event}; on the dashed line both are equal, and within the band they differ by no more than chance would make them in 95 % of cases. ${outside.length} of ${curve.length} dots are outside of it. Calibration error ${errors[0]}; ${baseline.name} ${errors[1]}. Bars: how many examples got which probability.`,
    height: 430,
    option: optionOf(curve, band, probability, event),
  }
}

function optionOf(
  curve: ReturnType<typeof reliabilityCurve>,
  band: ReturnType<typeof consistencyBand>,
  probability: ArrayLike<number>,
  event: string,
): EChartsOption {
  const means = curve.map(({ meanProbability }) => meanProbability)
  const rates = curve.map(({ observedRate }) => observedRate)
  const end = shareEnds([...means, ...rates, ...band.map(({ high }) => high)]).max
  const percentLabel = { hideOverlap: true, formatter: percent }
  const x = { ...valueAxis('', 'x'), min: 0, max: end, containShape: false }
  return {
    grid: [
      { ...plotRoom, bottom: 150 },
      { ...plotRoom, top: 305 },
    ],
    xAxis: [
      { ...x, gridIndex: 0, axisLabel: { show: false } },
      { ...x, gridIndex: 1, name: 'predicted probability', axisLabel: percentLabel },
    ],
    yAxis: [
      { ...valueAxis(`share that ${event}`, 'y'), gridIndex: 0, min: 0, max: end, axisLabel: percentLabel },
      { ...valueAxis('examples', 'y'), gridIndex: 1, min: 0, splitNumber: 2 },
    ],
    series: [
      bandSeries(
        means.map((mean, i) => [mean, band[i]!.low, band[i]!.high].map(rounded)),
        'series6',
        0.3,
      ),
      plainLine(
        [
          [0, 0],
          [end, end],
        ],
        'series2',
        true,
      ),
      {
        type: 'line',
        symbol: 'circle',
        symbolSize: 8,
        lineStyle: { color: chartColour('series1'), width: 2.5 },
        itemStyle: { color: chartColour('series1') },
        data: means.map((mean, i) => [rounded(mean), rounded(rates[i]!)]),
      },
      {
        type: 'bar',
        xAxisIndex: 1,
        yAxisIndex: 1,
        barWidth: '96%',
        itemStyle: { color: chartColour('series1'), opacity: 0.6 },
        data: histogram(probability, end),
      },
    ],
  }
}

/** Middle and count of bars of equal width from 0 to `end`; what is beyond counts in the last. */
function histogram(values: ArrayLike<number>, end: number): number[][] {
  const counts = new Array<number>(bars).fill(0)
  for (let i = 0; i < values.length; i++) counts[Math.min(bars - 1, Math.floor((values[i]! / end) * bars))]!++
  return counts.map((count, bar) => [((bar + 0.5) * end) / bars, count])
}
