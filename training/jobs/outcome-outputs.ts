import type { ContentMoments } from '../datasets/content-moments.ts'
import { type Scale, standardScale } from '../estimators/standard-scale.ts'
import type { CountedAlready } from './counted-already.ts'
import type { Ladders } from './ladders.ts'

/**
 * What a network learns of T outcomes. One output is the level of a quantity on one day: by how much it is more than usual. Where an early
 * count of the quantity is known, another one is its growth: by how much ln(1 + count) still grows more than usual (the growth of Szabo &
 * Huberman 2010, eq. 3, is where it starts). Each is learned from the rows that it answers for alone: what foretells a level hardly foretells
 * a growth. Of later days than the headline's the output is a step: what ln(1 + count) gains since the day before it, at least 0. All are in
 * standard deviations. (Earlier days stand by themselves: they are known of more contents, and of newer ones.)
 */
export interface OutcomeOutputs {
  readonly width: number
  /** Output of the level, and of the growth (−1 = none), that each target stands on; the headline's first. `[T]` */
  readonly level: Int32Array
  readonly growth: Int32Array
  /** 1 where an output is a step of a target; `[width, T]`, undefined where there is none. */
  readonly steps: Float32Array | undefined
  /** `[width]` */
  readonly scales: readonly Scale[]
  /** Outcomes `[T][contents]` as they are learned: `[rowCount, width]`, NaN where an output does not answer. */
  readonly standardise: (values: readonly Float64Array[]) => Float32Array
  /** The way back for rows of the table, from `[rows, width]` or `[width][rows]`; `[T][rows]`. */
  readonly inUnits: (output: Float32Array | readonly Float64Array[], rows: Int32Array) => Float64Array[]
  /** What outputs missed, `[width][rows]`, as misses of target t, before or after something was counted early; `[rows]`. */
  readonly missed: (residuals: readonly Float64Array[], t: number, after: boolean) => Float64Array
}

/** What an output tells, and of which target: a step leads to it from its neighbour. */
interface Output {
  readonly t: number
  readonly kind: 'level' | 'growth' | 'step'
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
  ladders: Ladders,
): OutcomeOutputs {
  const climbs = stepsOf(ladders)
  const outputs = listOutputs(climbs, (t) => column[t]! >= 0 && !settled[t])
  const width = outputs.length
  const outputOf = (kind: Output['kind'], t: number): number =>
    outputs.findIndex((its) => its.t === t && its.kind === kind)
  const standing = (kind: Output['kind']) => Int32Array.from(climbs, ([stands]) => outputOf(kind, stands!))
  const [level, growth] = [standing('level'), standing('growth')]
  const stepsTo = climbs.map((path) => path.slice(1).map((rung) => outputOf('step', rung)))
  const gained = (values: readonly Float64Array[], t: number, content: number): number =>
    values[t]![content]! - values[climbs[t]!.at(-2)!]![content]!
  const latest = moments.at(-1)!.rows(train)
  const scales = outputs.map(({ t, kind }) => {
    if (kind === 'level') return standardScale(known[t]!, train)
    const grown = Float64Array.from(train, (content, i) =>
      kind === 'step' ? gained(known, t, content) : known[t]![content]! - logs[t]![latest[i]!]!,
    )
    const its = standardScale(grown, Int32Array.from(grown.keys()))
    return kind === 'step' ? { mean: its.mean, sd: standardScale(known[climbs[t]![0]!]!, train).sd } : its
  })
  return {
    ...{ width, level, growth, scales },
    steps: stepMatrix(stepsTo, width),
    standardise: (values) =>
      Float32Array.from({ length: table.rowCount * width }, (_, i) => {
        const [row, { t, kind }] = [Math.floor(i / width), outputs[i % width]!]
        const [log, { mean, sd }] = [logs[t]![row]!, scales[i % width]!]
        const content = contentOf(row)
        if (kind === 'step') return (gained(values, t, content) - mean) / sd
        if (kind === 'growth') return (values[t]![content]! - log - mean) / sd
        return Number.isNaN(log) ? (values[t]![content]! - mean) / sd : Number.NaN
      }),
    inUnits: (output, rows) =>
      known.map((_, t) =>
        Float64Array.from(rows, (row, i) => {
          const unit = (its: number): number => {
            const value = output instanceof Float32Array ? output[i * width + its]! : output[its]![i]!
            return value * scales[its]!.sd + scales[its]!.mean
          }
          const log = logs[t]![row]!
          const stands = Number.isNaN(log) || growth[t]! < 0 ? unit(level[t]!) : unit(growth[t]!) + log
          return stepsTo[t]!.reduce((sum, step) => sum + Math.max(0, unit(step)), stands)
        }),
      ),
    missed: (residuals, t, after) => {
      const stands = after && growth[t]! >= 0 ? growth[t]! : level[t]!
      const parts = [stands, ...stepsTo[t]!]
      return residuals[0]!.map((_, row) => parts.reduce((sum, its) => sum + scales[its]!.sd * residuals[its]![row]!, 0))
    },
  }
}

/** From the target that each one stands on, step by step, to itself; `[T]` */
const stepsOf = ({ paths, sign }: Ladders): readonly (readonly number[])[] =>
  paths.map((path, t) => (sign[t]! < 0 ? [t] : path))

/** The headline's first: they get trees. */
function listOutputs(climbs: readonly (readonly number[])[], grows: (t: number) => boolean): readonly Output[] {
  const targets = [...climbs.keys()]
  const standing = targets.filter((t) => climbs[t]!.length === 1)
  const levels = standing.map((t): Output => ({ t, kind: 'level' }))
  const growths = standing.filter(grows).map((t): Output => ({ t, kind: 'growth' }))
  const headline = [levels[0]!, ...growths.filter(({ t }) => t === 0)]
  const steps = targets.filter((t) => climbs[t]!.length > 1).map((t): Output => ({ t, kind: 'step' }))
  return [...headline, ...levels.slice(1), ...growths.filter(({ t }) => t > 0), ...steps]
}

function stepMatrix(stepsTo: readonly (readonly number[])[], width: number): Float32Array | undefined {
  if (stepsTo.every(({ length }) => length === 0)) return undefined
  const steps = new Float32Array(width * stepsTo.length)
  for (const [t, its] of stepsTo.entries()) for (const output of its) steps[output * stepsTo.length + t] = 1
  return steps
}
