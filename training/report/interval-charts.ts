import type { Estimate } from '../../models/artifact/manifest.ts'
import type { coverageByLevel, SizeGroup } from '../evaluation/interval-quality.ts'
import {
  bandSeries,
  countAxis,
  percent,
  plainLine,
  plotRoom,
  rounded,
  shareEnds,
  valueAxis,
  whiskers,
} from './chart-parts.ts'
import { chartColour } from './chart-svg.ts'
import type { Chart } from './report.ts'

const percentLabel = { hideOverlap: true, formatter: percent }
const dots = (points: readonly (readonly number[])[]) => ({
  type: 'scatter' as const,
  symbolSize: 9,
  itemStyle: { color: chartColour('series1') },
  data: points.map((point) => point.map(rounded)),
  z: 3,
})

const upright = (points: readonly { readonly x: number; readonly estimate: Estimate }[]) =>
  whiskers(
    points.flatMap(({ x, estimate: { low, high } }) => (low === null || high === null ? [] : [[x, low, high]])),
    'upright',
    'series1',
  )

/** Promised against actual coverage. */
export function coverageChart(levels: ReturnType<typeof coverageByLevel>): Chart {
  const points = levels.map(({ promised, covered }) => ({ x: promised, estimate: covered }))
  const worst = [...levels].sort((a, b) => gap(b) - gap(a))[0]
  const ends = shareEnds(points.flatMap(({ x, estimate }) => [x, estimate.low ?? x, estimate.high ?? x]))
  const least = Math.min(...levels.map(({ promised }) => promised))
  return {
    title: 'Do intervals of every level hold?',
    caption: `On the dashed line an interval holds as often as it promises; below it, less often. Lines: 95 % intervals over test examples.${worst === undefined ? '' : ` The largest gap is at ${percent(worst.promised)}, where ${percent(worst.covered.value)} lie within.`}`,
    height: 330,
    option: {
      grid: plotRoom,
      xAxis: {
        ...valueAxis('promised', 'x'),
        min: least - 0.05,
        max: 1,
        axisLabel: percentLabel,
      },
      yAxis: { ...valueAxis('within the interval', 'y'), ...ends, axisLabel: percentLabel },
      series: [
        plainLine(
          [
            [least - 0.05, least - 0.05],
            [1, 1],
          ],
          'series2',
          true,
        ),
        upright(points),
        dots(points.map(({ x, estimate }) => [x, estimate.value])),
      ],
    },
  }
}

const gap = ({ promised, covered }: { readonly promised: number; readonly covered: Estimate }): number =>
  Math.abs(covered.value - promised)

/**
 * Coverage of groups by predicted count.
 *
 * @param groups of ln(1 + count)
 */
export function coverageBySizeChart(groups: readonly SizeGroup[], promised: number): Chart {
  const points = groups.map(({ meanPrediction, covered }) => ({ x: meanPrediction, estimate: covered }))
  const missed = groups.filter(
    ({ covered: { low, high } }) => low !== null && high !== null && (promised < low || promised > high),
  )
  const x = countAxis(
    'predicted count + 1',
    'x',
    groups.map(({ meanPrediction }) => meanPrediction),
  )
  const ends = shareEnds([
    promised,
    ...points.flatMap(({ estimate }) => [estimate.low ?? promised, estimate.high ?? promised]),
  ])
  return {
    title: 'Are small and large predictions covered alike?',
    caption: `Test examples in ${groups.length} groups by predicted count; the dashed line is the promise of ${percent(promised)}. ${missed.length === 0 ? 'No group differs from it by more than chance' : `${missed.length} of ${groups.length} groups differ from it by more than chance`} (95 % intervals).`,
    height: 330,
    option: {
      grid: plotRoom,
      xAxis: x,
      yAxis: {
        ...valueAxis('within the interval', 'y'),
        ...ends,
        axisLabel: percentLabel,
      },
      series: [
        plainLine(
          [
            [x.min, promised],
            [x.max, promised],
          ],
          'series2',
          true,
        ),
        upright(points),
        dots(points.map(({ x: at, estimate }) => [at, estimate.value])),
      ],
    },
  }
}

/**
 * The intervals themselves beside the outcomes.
 *
 * @param groups of ln(1 + count)
 */
export function widthBySizeChart(groups: readonly SizeGroup[], promised: number): Chart {
  const widths = groups.map(({ lower, upper }) => Math.exp(upper - lower))
  const needed = groups.map(({ actualLower, actualUpper }) => Math.exp(actualUpper - actualLower))
  const all = groups.flatMap((group) => [group.lower, group.upper, group.actualLower, group.actualUpper])
  return {
    title: 'How wide are they?',
    caption: `Band: mean ends of the intervals; orange lines: where the middle ${percent(promised)} of the outcomes lie. From end to end the intervals span a factor of ${factors(widths)}, the outcomes ${factors(needed)}.`,
    height: 330,
    option: {
      grid: plotRoom,
      xAxis: countAxis(
        'predicted count + 1',
        'x',
        groups.map(({ meanPrediction }) => meanPrediction),
      ),
      yAxis: countAxis('count + 1', 'y', all),
      series: [
        bandSeries(
          groups.map(({ meanPrediction, lower, upper }) => [meanPrediction, lower, upper].map(rounded)),
          'series1',
          0.2,
        ),
        plainLine(
          groups.map(({ meanPrediction }) => [meanPrediction, meanPrediction]),
          'series1',
        ),
        whiskers(
          groups.map(({ meanPrediction, actualLower, actualUpper }) => [meanPrediction, actualLower, actualUpper]),
          'upright',
          'series2',
        ),
      ],
    },
  }
}

function factors(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => String(Number(value.toPrecision(2))))
  return least === most ? least! : `${least} to ${most}`
}
