import type { ContentMoments } from '../datasets/content-moments.ts'
import { type Scale, standardScale } from '../estimators/standard-scale.ts'
import type { CountedAlready } from './counted-already.ts'
import type { Ladders } from './ladders.ts'

/**
 * What a network learns of T outcomes. One output is the level of a quantity by some day: by how much it is more than usual. Where an early
 * count of the quantity is known, another one is its growth: by how much ln(1 + count) still grows more than usual (the growth of Szabo &
 * Huberman 2010, eq. 3, is where it starts). Each is learned from the rows that it answers for alone: what foretells a level hardly foretells
 * a growth. Between the days of a ladder, an output is a step: what ln(1 + count) gains from the one to the other, at least 0. All are in
 * standard deviations.
 */
export interface OutcomeOutputs {
  readonly width: number
  /** Whether a target grows from its early count, where there is one; `[T]`. The headline's level is output 0, its growth output 1. */
  readonly grows: readonly boolean[]
  /** `[width]` */
  readonly scales: readonly Scale[]
  /** Outcomes `[T][contents]` as they are learned: `[rowCount, width]`, NaN where an output does not answer. */
  readonly standardise: (values: readonly Float64Array[]) => Float32Array
  /** What outputs come to, before and after something was counted early. @param shares see `OwnShares` */
  readonly sumsWith: (shares?: OwnShares) => readonly [OutputSums, OutputSums]
}

/** Of targets of earlier days than the one that stands, how much they go by their own output rather than by steps from that one; `[moments][T]` */
type OwnShares = readonly (readonly number[])[]

/** Output `output`, or what of it is above 0, times `weight`. */
interface Term {
  readonly output: number
  readonly weight: number
  readonly step: boolean
}

/** What each target is the sum of; `[T]` */
export type OutputSums = readonly (readonly Term[])[]

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
  const { paths, sign } = ladders
  const growing = known.map((_, t) => column[t]! >= 0 && !settled[t])
  const outputs = listOutputs(ladders, growing)
  const width = outputs.length
  const outputOf = (kind: Output['kind'], t: number): number =>
    outputs.findIndex((its) => its.t === t && its.kind === kind)
  const gained = (values: readonly Float64Array[], t: number, content: number): number =>
    sign[t]! * (values[t]![content]! - values[paths[t]!.at(-2)!]![content]!)
  const latest = moments.at(-1)!.rows(train)
  const scales = outputs.map(({ t, kind }) => {
    if (kind === 'level') return standardScale(known[t]!, train)
    const grown = Float64Array.from(train, (content, i) =>
      kind === 'step' ? gained(known, t, content) : known[t]![content]! - logs[t]![latest[i]!]!,
    )
    const its = standardScale(grown, Int32Array.from(grown.keys()))
    // In the standard deviations of the one that stands, so that its error counts as what it is.
    return kind === 'step' ? { mean: its.mean, sd: standardScale(known[paths[t]![0]!]!, train).sd } : its
  })
  const sumOf = (t: number, kind: 'level' | 'growth', share: number): Term[] => {
    const [stands, ...rungs] = paths[t]!
    const own = sign[t]! < 0 ? share : 0
    const steps = rungs.map((rung) => ({ output: outputOf('step', rung), weight: sign[t]! * (1 - own), step: true }))
    const terms = [
      { output: outputOf(kind, t), weight: own, step: false },
      { output: outputOf(kind, stands!), weight: 1 - own, step: false },
      ...steps,
    ]
    // A growth from a count that is the outcome itself is none.
    return terms.filter(({ output, weight }) => weight !== 0 && output >= 0)
  }
  return {
    ...{ width, scales },
    grows: growing,
    standardise: (values) =>
      Float32Array.from({ length: table.rowCount * width }, (_, i) => {
        const [row, { t, kind }] = [Math.floor(i / width), outputs[i % width]!]
        const [log, { mean, sd }] = [logs[t]![row]!, scales[i % width]!]
        const content = contentOf(row)
        if (kind === 'step') return (gained(values, t, content) - mean) / sd
        if (kind === 'growth') return (values[t]![content]! - log - mean) / sd
        return Number.isNaN(log) ? (values[t]![content]! - mean) / sd : Number.NaN
      }),
    sumsWith: (shares) => [
      known.map((_, t) => sumOf(t, 'level', shares?.[0]?.[t] ?? 1)),
      known.map((_, t) => sumOf(t, growing[t] ? 'growth' : 'level', shares?.[1]?.[t] ?? 1)),
    ],
  }
}

/** The headline's first: they get trees. A later day has steps alone: it is known of fewer contents than what it stands on. */
function listOutputs({ paths, sign }: Ladders, growing: readonly boolean[]): readonly Output[] {
  const targets = [...paths.keys()]
  const own = targets.filter((t) => paths[t]!.length === 1 || sign[t]! < 0)
  const levels = own.map((t): Output => ({ t, kind: 'level' }))
  const growths = own.filter((t) => growing[t]).map((t): Output => ({ t, kind: 'growth' }))
  const headline = [levels[0]!, ...growths.filter(({ t }) => t === 0)]
  const steps = targets.filter((t) => paths[t]!.length > 1).map((t): Output => ({ t, kind: 'step' }))
  return [...headline, ...levels.slice(1), ...growths.filter(({ t }) => t > 0), ...steps]
}
