import type { CustomSeriesOption, LineSeriesOption } from 'echarts'
import { chartColour } from './chart-svg.ts'
import type { ReportColour } from './style.ts'

/** Room for axis names outside of the plot; the same in every chart, so that those below each other are in line. */
export const plotRoom = { left: 74, right: 20, top: 16, bottom: 52, outerBoundsMode: 'none' } as const

/** A value axis whose name stands in the middle and leaves its labels room. */
export const valueAxis = (name: string, side: 'x' | 'y') => ({
  type: 'value' as const,
  name,
  nameLocation: 'middle' as const,
  nameGap: side === 'y' ? 54 : 30,
  scale: true,
  axisLabel: { hideOverlap: true },
})

/**
 * An axis of counts whose values are ln(1 + count): ticks at powers of ten.
 *
 * @param values to find room for
 */
export function countAxis(name: string, side: 'x' | 'y', values: readonly number[]) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return {
    ...valueAxis(name, side),
    min: Math.floor(low / Math.LN10) * Math.LN10,
    max: Math.ceil(high / Math.LN10) * Math.LN10,
    interval: Math.LN10,
    axisLabel: { hideOverlap: true, formatter: (ln: number) => compactNumber(Math.exp(ln)) },
  }
}

/**
 * Where ticks of a logarithmic axis stand best: at most six of 1, 2 and 5 times powers of ten, else the powers alone or each second of them.
 *
 * @param smallest power of ten to begin with, e.g. 1 for counts; 0 is a tick where `least` is 0
 */
export function countTicks(least: number, most: number, smallest: number): number[] {
  const powers = Array.from({ length: 15 }, (_, power) => smallest * 10 ** power)
  const within = (values: readonly number[]): number[] => values.filter((value) => value >= least && value <= most)
  const choices = [
    powers.flatMap((power) => [1, 2, 5].map((step) => step * power)),
    powers,
    powers.filter((_, i) => i % 2 === 0),
  ].map(within)
  const ticks = choices.find(({ length }) => length <= 6) ?? choices.at(-1)!
  return least <= 0 ? [0, ...ticks] : ticks
}

/** The step of a multiplicative axis, as 1.5, that makes four to six ticks from e^`low` to e^`high`. */
export const factorStep = (low: number, high: number): number =>
  [1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 4, 10, 100].find((step) => (high - low) / Math.log(step) <= 4.5) ?? 1000

/** Three significant digits, thousands and millions by a letter. */
export const compactNumber = (value: number): string =>
  value.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** A share as a label. */
export const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`

type Point = readonly number[]

/** A line without symbols, e.g. the one on which two things are equal. */
export const plainLine = (points: readonly Point[], colour: ReportColour, dashed = false): LineSeriesOption => ({
  type: 'line',
  symbol: 'none',
  silent: true,
  lineStyle: { color: chartColour(colour), width: dashed ? 1.5 : 2.5, type: dashed ? 'dashed' : 'solid' },
  data: points.map((point) => [...point]),
})

/**
 * A filled band.
 *
 * @param points `[x, low, high]`, ascending by x
 */
export const bandSeries = (points: readonly Point[], colour: ReportColour, opacity = 0.18): CustomSeriesOption => ({
  type: 'custom',
  silent: true,
  clip: true,
  encode: { x: 0, y: [1, 2] },
  data: points.map((point) => [...point]),
  renderItem: ({ dataIndex }, api) => {
    // One shape for all points: the first of them draws it.
    if (dataIndex > 0) return { type: 'group', children: [] }
    const edge = (end: 1 | 2): number[][] => points.map((point) => api.coord([point[0]!, point[end]!]))
    return {
      type: 'polygon',
      shape: { points: [...edge(1), ...edge(2).reverse()] },
      style: { fill: chartColour(colour), opacity },
    }
  },
})

/**
 * Lines from `low` to `high` beside points: intervals.
 *
 * @param points `[x, low, high]` of upright lines, `[low, high, y]` of level ones
 */
export const whiskers = (
  points: readonly Point[],
  direction: 'upright' | 'level',
  colour: ReportColour,
  width = 2,
): CustomSeriesOption => ({
  type: 'custom',
  silent: true,
  clip: true,
  encode: direction === 'upright' ? { x: 0, y: [1, 2] } : { x: [0, 1], y: 2 },
  data: points.map((point) => [...point]),
  renderItem: (_, api) => {
    const [a, b, c] = [api.value(0), api.value(1), api.value(2)]
    const [from, to] =
      direction === 'upright' ? [api.coord([a, b]), api.coord([a, c])] : [api.coord([a, c]), api.coord([b, c])]
    return {
      type: 'line',
      shape: { x1: from[0]!, y1: from[1]!, x2: to[0]!, y2: to[1]! },
      style: { stroke: chartColour(colour), lineWidth: width },
    }
  },
  z: 1,
})

/** As many digits as are drawn: the page stays small. */
export const rounded = (value: number): number => Number(value.toPrecision(5))

/** The ends of an axis of shares that shows them all: multiples of 5 %, within 0 and 1. */
export function shareEnds(values: readonly number[]): { readonly min: number; readonly max: number } {
  const known = values.filter(Number.isFinite)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  return {
    min: Math.max(0, Math.floor(20 * low - 1e-9) / 20),
    max: Math.min(1, Math.ceil(20 * high + 1e-9) / 20),
  }
}

/** From the least to the greatest, a little beyond them. */
export function extent(values: readonly number[]): readonly [number, number] {
  const known = values.filter(Number.isFinite)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const room = 0.04 * (high - low || Math.abs(high) || 1)
  return [low - room, high + room]
}
