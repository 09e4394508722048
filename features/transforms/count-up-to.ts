/** How many of the ascending values are ≤ limit, by halving; 0 when the limit is not a number. */
export function countUpTo(ascending: Int32Array | Float64Array, limit: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! <= limit) low = middle + 1
    else high = middle
  }
  return low
}
