/** Fewer outcomes of an earlier day tell nothing about how it is best foretold. */
const fewest = 20

/**
 * The share w of one prediction beside another that foretells best by least squares, w·own + (1 − w)·other; between 0 and 1.
 *
 * @param actual NaN = unknown; `[rows]`, as both predictions
 */
export function bestShare(own: Float64Array, other: Float64Array, actual: Float64Array): number {
  let [products, squares, known] = [0, 0, 0]
  for (const [i, value] of actual.entries()) {
    if (Number.isNaN(value)) continue
    const difference = own[i]! - other[i]!
    products += difference * (value - other[i]!)
    squares += difference ** 2
    known++
  }
  return known < fewest || squares === 0 ? 1 : Math.min(1, Math.max(0, products / squares))
}
