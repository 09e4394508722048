/** Up to `count` of the rows, spread over all of them. */
export const spreadRows = (rows: Int32Array, count: number): Int32Array => {
  const taken = Math.min(count, rows.length)
  return Int32Array.from({ length: taken }, (_, i) => rows[Math.floor((i * rows.length) / taken)]!)
}
