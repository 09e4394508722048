/** A point of the simplex and what it costs. */
interface Vertex {
  readonly point: Float64Array
  readonly value: number
}

/**
 * Finds a local minimum of a function of a few variables without its gradient, by the downhill simplex (Nelder & Mead 1965, with the
 * coefficients 1, 2, ½ and ½). Where two ways are equally good, it takes the first: the same function gives the same answer.
 *
 * @param cost  NaN and Infinity count as worst
 * @param start `[d]`
 * @param options.step      edge of the first simplex
 * @param options.tolerance the search ends when the simplex' values differ by less than this share of them
 * @param options.rounds    most rounds
 */
export function nelderMead(
  cost: (point: Float64Array) => number,
  start: Float64Array,
  { step = 0.5, tolerance = 1e-9, rounds = 2000 } = {},
): Vertex {
  const d = start.length
  const at = (point: Float64Array): Vertex => {
    const value = cost(point)
    return { point, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value }
  }
  const simplex = [at(start), ...Array.from(start, (_, j) => at(start.map((x, i) => (i === j ? x + step : x))))]
  for (let round = 0; round < rounds; round++) {
    simplex.sort((a, b) => a.value - b.value)
    const [best, worst] = [simplex[0]!, simplex[d]!]
    if (worst.value - best.value <= tolerance * (1 + Math.abs(best.value))) break
    const centre = start.map((_, i) => simplex.slice(0, d).reduce((sum, { point }) => sum + point[i]!, 0) / d)
    /** share −1 is the worst vertex seen from the other side of the others' centre. */
    const along = (share: number): Vertex => at(centre.map((c, i) => c + share * (worst.point[i]! - c)))
    const reflected = along(-1)
    if (reflected.value < best.value) {
      const expanded = along(-2)
      simplex[d] = expanded.value < reflected.value ? expanded : reflected
    } else if (reflected.value < simplex[d - 1]!.value) {
      simplex[d] = reflected
    } else {
      const contracted = along(reflected.value < worst.value ? -0.5 : 0.5)
      if (contracted.value < Math.min(reflected.value, worst.value)) simplex[d] = contracted
      else for (let j = 1; j <= d; j++) simplex[j] = at(best.point.map((b, i) => (b + simplex[j]!.point[i]!) / 2))
    }
  }
  return simplex.reduce((best, vertex) => (vertex.value < best.value ? vertex : best))
}
