import type { AccumulatedEffects } from '../evaluation/accumulated-effects.ts'
import {
  bandSeries,
  compactNumber,
  countTicks,
  extent,
  factorStep,
  plainLine,
  plotRoom,
  rounded,
  valueAxis,
  whiskers,
} from './chart-parts.ts'
import { chartColour } from './chart-svg.ts'
import type { Chart } from './report.ts'

/** How effects are written: as factors of a count, or as percentage points of a probability. */
export type EffectScale = 'factor' | 'points'

export interface NumericEffect {
  /** Of the feature, e.g. `views of all contents in the last 7 days`. */
  readonly description: string
  /** Of the feature's values; see `axisOf`. */
  readonly unit: string
  /** What it stands for. */
  readonly group: string
  readonly effects: AccumulatedEffects
}

const height = 290

/** An accumulated local effect as a line with its interval, and ticks where the rows lie. */
export function effectChart({ group, description, unit, effects }: NumericEffect, scale: EffectScale): Chart {
  const axis = axisOf(unit, effects.positions)
  const x = effects.positions.map(axis.place)
  const { effect, low, high } = effects
  const yAxis = effectAxis(scale, [...low, ...high, 0])
  const { min: foot, max: top } = yAxis
  const [from, to] = [0, -1].map((end) => compactNumber(axis.read(x.at(end)!)))
  return {
    title: capital(group),
    caption: `${capital(description)}. From ${from} to ${to}${axis.unit === '' ? '' : ` ${axis.unit}`} the prediction ${changeOf(effect.at(-1)! - effect[0]!, scale)}.`,
    height,
    option: {
      grid: plotRoom,
      xAxis: axis.option(x),
      yAxis,
      series: [
        zeroLine([x[0]!, x.at(-1)!]),
        bandSeries(
          x.map((at, k) => [at, low[k]!, high[k]!].map(rounded)),
          'series1',
          0.2,
        ),
        plainLine(
          x.map((at, k) => [at, effect[k]!].map(rounded)),
          'series1',
        ),
        whiskers(
          x.map((at) => [at, foot, foot + 0.045 * (top - foot)].map(rounded)),
          'upright',
          'muted',
          1.5,
        ),
      ],
    },
  }
}

/** Effects of levels, as of the hours of a day, as bars; levels without rows stay empty. */
export function levelEffectChart(
  title: string,
  axis: string,
  { effect, low, high, rows }: AccumulatedEffects,
  scale: EffectScale,
): Chart {
  const known = effect.flatMap((value, level) => (rows[level]! > 0 ? [{ level, value }] : []))
  const best = known.reduce((a, b) => (b.value > a.value ? b : a))
  const worst = known.reduce((a, b) => (b.value < a.value ? b : a))
  return {
    title,
    caption: `Highest at ${best.level}, lowest at ${worst.level}: from there to the highest the prediction ${changeOf(best.value - worst.value, scale)}, all else as it is.${known.length < effect.length ? ' Levels without test examples are left empty.' : ''}`,
    height,
    option: {
      grid: plotRoom,
      xAxis: {
        ...valueAxis(axis, 'x'),
        type: 'category',
        data: effect.map((_, level) => String(level)),
        splitLine: { show: false },
        axisLine: { onZero: false },
        axisTick: { show: false },
        axisLabel: { interval: 2 },
      },
      yAxis: effectAxis(scale, [0, ...known.flatMap(({ level }) => [low[level]!, high[level]!])]),
      series: [
        zeroLine([0, effect.length - 1]),
        {
          type: 'bar',
          itemStyle: { color: chartColour('series1'), opacity: 0.7 },
          data: effect.map((value, level) => (rows[level]! > 0 ? rounded(value) : '-')),
        },
        whiskers(
          known.map(({ level }) => [level, low[level]!, high[level]!].map(rounded)),
          'upright',
          'ink',
          1.2,
        ),
      ],
    },
  }
}

const zeroLine = (ends: readonly [number, number]) =>
  plainLine(
    ends.map((x) => [rounded(x), 0]),
    'series2',
    true,
  )

/** @param values to find room for, with some below for the ticks of rows */
function effectAxis(scale: EffectScale, values: readonly number[]) {
  const [bottom, high] = extent(values)
  const low = bottom - 0.06 * (high - bottom)
  const name = scale === 'factor' ? 'factor of the prediction' : 'percentage points'
  const axis = { ...valueAxis(name, 'y'), axisLine: { show: true, onZero: false } }
  if (scale === 'points') {
    const formatter = (value: number): string => signed(Number((100 * value).toFixed(2)))
    return { ...axis, min: low, max: high, axisLabel: { showMinLabel: false, showMaxLabel: false, formatter } }
  }
  const step = factorStep(low, high)
  const interval = Math.log(step)
  const formatter = (value: number): string => `×${Number(Math.exp(value).toPrecision(step < 1.1 ? 3 : 2))}`
  const [min, max] = [Math.floor(low / interval) * interval, Math.ceil(high / interval) * interval]
  return { ...axis, min, max, interval, axisLabel: { hideOverlap: true, formatter } }
}

/** Values that are this much larger than the middle one hide all others on a linear axis. */
const longTail = 10
const unitless = ['value', 'direction', 'flag', 'sine', 'cosine']

/**
 * The axis of a feature. Units that begin with `ln ` are of ln(1 + what follows), `ln ratio` of the ratio itself; those, and values with a
 * long tail, are drawn on a logarithmic axis and labelled by what they are the logarithm of.
 */
function axisOf(unit: string, positions: readonly number[]) {
  const middle = positions[Math.floor(positions.length / 2)]!
  const isRatio = unit === 'ln ratio'
  const isLogarithm = unit.startsWith('ln ')
  const grows = !isLogarithm && positions[0]! >= 0 && positions.at(-1)! > longTail * Math.max(1, middle)
  const name = unit.replace(/^ln /, '')
  const base = { ...valueAxis(name, 'x'), splitLine: { show: false }, axisLine: { onZero: false } }
  if (!isLogarithm && !grows) {
    const axisLabel = { hideOverlap: true, formatter: (value: number) => compactNumber(value) }
    return {
      unit: unitless.includes(name) ? '' : name,
      place: (value: number) => value,
      read: (x: number) => x,
      option: () => ({ ...base, axisLabel }),
    }
  }
  const read = isRatio ? Math.exp : (x: number) => Math.max(0, Math.expm1(x))
  const place = isRatio ? Math.log : Math.log1p
  return {
    unit: isRatio ? 'times' : name,
    place: (value: number) => (isLogarithm ? value : place(value)),
    read,
    option: (x: readonly number[]) => {
      const [min, max] = [x[0]!, x.at(-1)!]
      const customValues = countTicks(read(min), read(max), isRatio ? 0.01 : 1).map(place)
      const formatter = (at: number): string => compactNumber(read(at))
      return {
        ...base,
        min,
        max,
        axisTick: { customValues },
        axisLabel: { customValues, formatter, hideOverlap: true },
      }
    },
  }
}

const signed = (value: number): string => (value > 0 ? `+${value}` : String(value).replace('-', '−'))

/** From one end to the other. */
function changeOf(difference: number, scale: EffectScale): string {
  const way = difference < 0 ? 'falls' : 'rises'
  return scale === 'factor'
    ? `${way} by a factor of ${Number(Math.exp(Math.abs(difference)).toPrecision(3))}`
    : `${way} by ${Number((100 * Math.abs(difference)).toFixed(1))} percentage points`
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
