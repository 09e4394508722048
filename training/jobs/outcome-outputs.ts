import type { ContentMoments } from '../datasets/content-moments.ts'
import { type Scale, standardScale } from '../estimators/standard-scale.ts'
import type { CountedAlready } from './counted-already.ts'

/**
 * What a network learns of T outcomes. One output of each is its level: by how much it is more than usual. Where an early count of the
 * quantity is known, another one is its growth: by how much ln(1 + count) still grows more than usual (the growth of Szabo & Huberman 2010,
 * eq. 3, is where it starts). Both are in standard deviations, and each is learned from the rows that it answers for alone: what foretells
 * a level hardly foretells a growth.
 */
export interface OutcomeOutputs {
  readonly width: number
  /** Output of the level, and of the growth (−1 = none), of each target; the headline's first. `[T]` */
  readonly level: Int32Array
  readonly growth: Int32Array
  /** `[width]` */
  readonly scales: readonly Scale[]
  /** Outcomes `[T][contents]` as they are learned: `[rowCount, width]`, NaN where an output does not answer. */
  readonly standardise: (values: readonly Float64Array[]) => Float32Array
  /** The way back for rows of the table, from `[rows, width]` or `[width][rows]`; `[T][rows]`. */
  readonly inUnits: (output: Float32Array | readonly Float64Array[], rows: Int32Array) => Float64Array[]
}

/**
 * @param known outcomes `[T][contents]`, NaN = not known in time
 * @param train contents of the training part
 */
export function outcomeOutputs(
  known: readonly Float64Array[],
  train: Int32Array,
  { table, contentOf, moments }: ContentMoments,
  { column, settled, logs }: CountedAlready,
): OutcomeOutputs {
  const grows = known.map((_, t) => column[t]! >= 0 && !settled[t])
  type Output = { readonly t: number; readonly kind: 'level' | 'growth' }
  const growths = known.flatMap((_, t): Output[] => (grows[t] ? [{ t, kind: 'growth' }] : []))
  const levels = known.map((_, t): Output => ({ t, kind: 'level' }))
  // The headline's first: they get trees.
  const first = [levels[0]!, ...growths.filter(({ t }) => t === 0)]
  const outputs = [...first, ...levels.slice(1), ...growths.filter(({ t }) => t > 0)]
  const outputOf = (kind: Output['kind']) =>
    Int32Array.from(known, (_, t) => outputs.findIndex((its) => its.t === t && its.kind === kind))
  const [level, growth] = [outputOf('level'), outputOf('growth')]
  const latest = moments.at(-1)!.rows(train)
  const scales = outputs.map(({ t, kind }) => {
    if (kind === 'level') return standardScale(known[t]!, train)
    const grown = Float64Array.from(train, (content, i) => known[t]![content]! - logs[t]![latest[i]!]!)
    return standardScale(grown, Int32Array.from(grown.keys()))
  })
  const width = outputs.length
  return {
    width,
    level,
    growth,
    scales,
    standardise: (values) =>
      Float32Array.from({ length: table.rowCount * width }, (_, i) => {
        const [row, { t, kind }] = [Math.floor(i / width), outputs[i % width]!]
        const [log, { mean, sd }] = [logs[t]![row]!, scales[i % width]!]
        const value = values[t]![contentOf(row)]!
        if (kind === 'growth') return (value - log - mean) / sd
        return Number.isNaN(log) ? (value - mean) / sd : Number.NaN
      }),
    inUnits: (output, rows) =>
      known.map((_, t) =>
        Float64Array.from(rows, (row, i) => {
          const log = logs[t]![row]!
          const from = Number.isNaN(log) || growth[t]! < 0 ? level[t]! : growth[t]!
          const value = output instanceof Float32Array ? output[i * width + from]! : output[from]![i]!
          const { mean, sd } = scales[from]!
          return value * sd + mean + (from === level[t] ? 0 : log)
        }),
      ),
  }
}
