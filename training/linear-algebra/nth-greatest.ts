/**
 * The n-th greatest of the first `count` values, by quickselect (Hoare 1961); reorders them.
 *
 * @param n from 1 to count
 */
export function nthGreatest(values: Float64Array, count: number, n: number): number {
  let from = 0
  let to = count - 1
  const wanted = n - 1
  while (from < to) {
    const pivot = values[(from + to) >> 1]!
    let left = from
    let right = to
    while (left <= right) {
      while (values[left]! > pivot) left++
      while (values[right]! < pivot) right--
      if (left > right) break
      const kept = values[left]!
      values[left++] = values[right]!
      values[right--] = kept
    }
    if (wanted <= right) to = right
    else if (wanted >= left) from = left
    else return values[wanted]!
  }
  return values[wanted]!
}
