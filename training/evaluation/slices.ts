import type { Estimate } from '../../models/artifact/manifest.ts'
import { mean } from './mean.ts'
import { estimateMetric, pick, type Statistic } from './metric-row.ts'
import { wilsonInterval } from './wilson-interval.ts'

/** A way to divide examples. */
export interface Slicing {
  /** What they are divided by, e.g. `platform`. */
  readonly name: string
  /** The slice of each example, `[n]`. */
  readonly sliceOf: readonly string[]
  /** The slices in the order they are shown; by default the largest first. */
  readonly order?: readonly string[]
}

/** Predictions that are judged slice by slice; `[n]` each. */
export interface SlicedExamples {
  readonly actual: ArrayLike<number>
  readonly model: ArrayLike<number>
  readonly baseline: ArrayLike<number>
  /** 1 where the outcome lies within its interval; undefined where nothing promised one. */
  readonly covered?: ArrayLike<number>
  /** Groups that are drawn together for the bootstrap intervals; by default each example by itself. */
  readonly groups?: ArrayLike<number> | undefined
}

export interface Slice {
  readonly name: string
  readonly count: number
  /** NaN where the metric does not exist, as an AUC where nothing went viral. */
  readonly model: Estimate
  readonly baseline: number
  /** Mean prediction − mean outcome. */
  readonly bias: Estimate
  readonly covered?: Estimate
}

export interface SlicedBy {
  readonly name: string
  readonly slices: readonly Slice[]
}

/** Below it a metric says more of chance than of the slice. */
export const fewestInSlice = 30
/** More would not be read. */
export const mostSlices = 10
export const otherSlice = 'all others'

/**
 * A metric, the bias and the coverage of every slice, with 95 % bootstrap intervals (a score interval of the coverage).
 *
 * Slices of fewer than `fewestInSlice` examples, and those behind the `mostSlices` largest, are one named `otherSlice`, whatever its size. A slicing
 * with one slice says nothing and is left out.
 */
export function judgeSlices(
  slicings: readonly Slicing[],
  examples: SlicedExamples,
  statistic: Statistic,
  seed: number,
): readonly SlicedBy[] {
  return slicings
    .map((slicing) => ({
      name: slicing.name,
      slices: rowsOfSlices(slicing).map(([name, rows]) => judgeSlice(name, rows, examples, statistic, seed)),
    }))
    .filter(({ slices }) => slices.length > 1)
}

/** All examples as one slice, to hold the others against. */
export const judgeWhole = (examples: SlicedExamples, statistic: Statistic, seed: number): Slice =>
  judgeSlice(
    'all',
    Int32Array.from(examples.actual, (_, i) => i),
    examples,
    statistic,
    seed,
  )

function judgeSlice(
  name: string,
  rows: Int32Array,
  { actual, model, baseline, covered, groups }: SlicedExamples,
  statistic: Statistic,
  seed: number,
): Slice {
  const [y, ours, theirs] = [actual, model, baseline].map((values) => pick(values, rows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const options = { seed, resamples: 200, ...(groups !== undefined && { groups: pick(groups, rows) }) }
  return {
    name,
    count: rows.length,
    model: estimateMetric(options, ours, y, statistic),
    baseline: statistic(theirs, y),
    bias: estimateMetric(options, ours, y, (prediction, outcome) => mean(prediction) - mean(outcome)),
    ...(covered !== undefined && {
      covered: wilsonInterval(
        pick(covered, rows).reduce((sum, value) => sum + value, 0),
        rows.length,
      ),
    }),
  }
}

function rowsOfSlices({ sliceOf, order }: Slicing): readonly (readonly [name: string, rows: Int32Array])[] {
  const found = new Map<string, number[]>()
  sliceOf.forEach((name, row) => {
    const rows = found.get(name)
    if (rows === undefined) found.set(name, [row])
    else rows.push(row)
  })
  const bySize = [...found].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
  const kept = new Map(bySize.slice(0, mostSlices).filter(([, rows]) => rows.length >= fewestInSlice))
  const others = bySize.filter(([name]) => !kept.has(name)).flatMap(([, rows]) => rows)
  const names = (order ?? [...kept.keys()]).filter((name) => kept.has(name))
  return [
    ...names.map((name) => [name, Int32Array.from(kept.get(name)!)] as const),
    ...(others.length === 0 ? [] : [[otherSlice, Int32Array.from(others).sort()] as const]),
  ]
}

/**
 * Divides examples by a number into four parts of about equal size, named by `describe`; equal values stay together.
 *
 * @param values   `[n]`, finite
 * @param describe e.g. (least, most) => `12–40 contents`
 */
export function quarters(values: ArrayLike<number>, describe: (least: number, most: number) => string) {
  const sorted = Float64Array.from(values).sort()
  const ends = [0.25, 0.5, 0.75, 1].map((share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!)
  const distinct = [...new Set(ends)]
  const quarterOf = Int32Array.from(values, (value) => distinct.findIndex((end) => value <= end))
  const names = distinct.map((most, quarter) => {
    const least = sorted[sorted.findIndex((value) => quarter === 0 || value > distinct[quarter - 1]!)]!
    return describe(least, most)
  })
  return { sliceOf: Array.from(quarterOf, (quarter) => names[quarter]!), order: names }
}
