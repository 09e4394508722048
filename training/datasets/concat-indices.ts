/** Lists of indices one after the other, however long: spread into an argument list, a long one would not fit the stack. */
export function concatIndices(...lists: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0))
  let at = 0
  for (const list of lists) {
    all.set(list, at)
    at += list.length
  }
  return all
}
