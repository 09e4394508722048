import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'
import { countAxis, plainLine, plotRoom, rounded, whiskers } from './chart-parts.ts'
import { chartColour } from './chart-svg.ts'
import type { Chart } from './report.ts'

/** Most points drawn: more hide each other and make the page heavy. */
const mostPoints = 1200
const groups = 10

/**
 * Predicted against actual counts, with the line on which both are equal.
 *
 * @param actual, predicted `[n]`, ln(1 + count); a regular sample is drawn when n is large
 */
export function predictedAgainstActual(actual: Float64Array, predicted: Float64Array): Chart {
  const every = Math.ceil(actual.length / mostPoints)
  const points = Array.from(actual, (value, i) => [rounded(predicted[i]!), rounded(value)]).filter(
    (_, i) => i % every === 0,
  )
  const within = Array.from(actual, (value, i) => Math.abs(value - predicted[i]!)).filter((error) => error <= Math.LN2)
  return {
    title: 'Predicted and actual',
    caption: `${points.length} of ${actual.length} test examples; on the orange line prediction and outcome are equal. ${Math.round((100 * within.length) / actual.length)} % of all are within a factor of two of it.`,
    height: 330,
    option: {
      grid: plotRoom,
      xAxis: countAxis(
        'predicted count + 1',
        'x',
        points.map(([x]) => x!),
      ),
      yAxis: countAxis(
        'actual count + 1',
        'y',
        points.map(([, y]) => y!),
      ),
      series: [
        {
          type: 'scatter',
          symbolSize: 4,
          itemStyle: { color: chartColour('series1'), opacity: 0.4 },
          data: points,
        },
        equality(points.flat()),
      ],
    },
  }
}

/**
 * Mean actual count in ten groups by predicted count: a model that is right on average stays on the line.
 *
 * @param actual, predicted `[n]`, ln(1 + count)
 */
export function calibrationOfMeans(actual: Float64Array, predicted: Float64Array): Chart {
  const order = Int32Array.from(actual, (_, i) => i).sort((a, b) => predicted[a]! - predicted[b]!)
  const means = Array.from({ length: groups }, (_, g) =>
    order.subarray(Math.round((g * order.length) / groups), Math.round(((g + 1) * order.length) / groups)),
  )
    .filter((rows) => rows.length > 1)
    .map((rows) => meanOutcome(pick(predicted, rows), pick(actual, rows)))
  const bias = mean(predicted) - mean(actual)
  return {
    title: 'Is it right on average?',
    caption: `Test examples in ${means.length} groups by their prediction: the mean outcome of each, with its 95 % interval. All in all predictions are ${Math.abs(Math.expm1(bias) * 100).toFixed(0)} % too ${bias > 0 ? 'high' : 'low'}.`,
    height: 330,
    option: {
      grid: plotRoom,
      xAxis: countAxis(
        'mean predicted count + 1',
        'x',
        means.map(({ x }) => x),
      ),
      yAxis: countAxis(
        'mean actual count + 1',
        'y',
        means.flatMap(({ low, high }) => [low, high]),
      ),
      series: [
        equality(means.flatMap(({ x, y }) => [x, y])),
        whiskers(
          means.map(({ x, low, high }) => [x, low, high]),
          'upright',
          'series1',
        ),
        {
          type: 'scatter',
          symbolSize: 8,
          itemStyle: { color: chartColour('series1') },
          data: means.map(({ x, y }) => [rounded(x), rounded(y)]),
          z: 3,
        },
      ],
    },
  }
}

/** The mean of some outcomes, with its interval by the normal approximation. */
function meanOutcome(predicted: Float64Array, actual: Float64Array) {
  const y = mean(actual)
  const half = 1.96 * Math.sqrt(mean(actual.map((value) => (value - y) ** 2)) / (actual.length - 1))
  return { x: mean(predicted), y, low: y - half, high: y + half }
}

const equality = (values: readonly number[]) => {
  const ends = [Math.min(...values), Math.max(...values)].map(rounded)
  return plainLine(
    ends.map((value) => [value, value]),
    'series2',
  )
}
