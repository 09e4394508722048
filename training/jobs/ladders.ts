import { type OutcomeName, partsOfOutcome } from '../datasets/outcome-names.ts'
import { isCount } from './outcome-targets.ts'

/**
 * Counts of one quantity by several days are a ladder: none is less than that of an earlier day. On each ladder one target stands, that whose
 * day is nearest to the headline's; the others give way to it.
 */
export interface Ladders {
  /** From the one that stands, rung by rung, to each target. `[T]` */
  readonly paths: readonly (readonly number[])[]
  /** 1 where a target is the one that stands or of a later day, −1 where it is of an earlier one. `[T]` */
  readonly sign: Int32Array
}

/** @param names what is foretold, the headline first */
export function laddersOf(names: readonly OutcomeName[]): Ladders {
  const parts = names.map(partsOfOutcome)
  const distance = (t: number): number => Math.abs(Math.log(parts[t]!.days / parts[0]!.days))
  const paths: number[][] = [...names.keys()].map((t) => [t])
  const sign = new Int32Array(names.length).fill(1)
  for (const quantity of new Set(parts.map((its) => its.quantity))) {
    const ladder = [...names.keys()].filter((t) => parts[t]!.quantity === quantity && isCount(names[t]!))
    ladder.sort((a, b) => parts[a]!.days - parts[b]!.days)
    const stands = ladder.reduce((best, t, i) => (distance(t) < distance(ladder[best]!) ? i : best), 0)
    for (const [i, t] of ladder.entries()) {
      paths[t] = i < stands ? ladder.slice(i, stands + 1).reverse() : ladder.slice(stands, i + 1)
      sign[t] = i < stands ? -1 : 1
    }
  }
  return { paths, sign }
}

/**
 * Values with none below that of an earlier day: the most, or of earlier days the least, of all from the one that stands on.
 *
 * @param values `[T][rows]`
 */
export const inOrder = (values: readonly Float64Array[], { paths, sign }: Ladders): Float64Array[] =>
  values.map((own, t) =>
    own.map((_, i) => sign[t]! * Math.max(...paths[t]!.map((rung) => sign[t]! * values[rung]![i]!))),
  )
