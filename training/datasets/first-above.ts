/** Index of the first value above the limit, in ascending values; the last one where none is, as when rounding leaves none. */
export function firstAbove(values: Float64Array, limit: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! > limit) high = middle
    else low = middle + 1
  }
  return low
}
