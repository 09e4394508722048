import type { KernelPool, Shared } from '../parallel/kernel-pool.ts'

/** Room in the pool's memory for the unique rows of a table that a batch uses, as the kernels read them. */
export interface IndexedRows {
  /** Of the description: their number and where the arrays are. */
  readonly description: Shared<Int32Array>
  /** `[rows]`, `[rows + 1]`, `[uses]`: row of the table, where its uses begin, the uses */
  readonly rows: Int32Array
  readonly offsets: Int32Array
  readonly uses: Int32Array
  /** `[uses]`: which of the unique rows */
  readonly slots: Int32Array
}

export function allocateIndexedRows(pool: KernelPool, maximumUses: number): IndexedRows {
  const arrays = [maximumUses, maximumUses + 1, maximumUses, maximumUses].map((length) => pool.int32(length))
  const description = pool.int32(1 + arrays.length)
  description.values.set([0, ...arrays.map(({ at }) => at)])
  const [rows, offsets, uses, slots] = arrays.map(({ values }) => values)
  return { description, rows: rows!, offsets: offsets!, uses: uses!, slots: slots! }
}

/** Finds for each batch which rows of one table it uses, and where. */
export class RowIndex {
  /** `[rows of the table]`: its place among the unique ones, for rows whose batch is the current one. */
  readonly #slotOf: Int32Array
  readonly #batchOf: Int32Array
  #batch = 0

  constructor(tableRows: number) {
    this.#slotOf = new Int32Array(tableRows)
    this.#batchOf = new Int32Array(tableRows)
  }

  /** Rows come in the order of their first use, the uses of a row ascending. @param ids `[uses]` */
  index(ids: Int32Array, { description, rows, offsets, uses, slots }: IndexedRows): void {
    const [slotOf, batchOf, batch] = [this.#slotOf, this.#batchOf, ++this.#batch]
    let count = 0
    for (let use = 0; use < ids.length; use++) {
      const row = ids[use]!
      if (batchOf[row] !== batch) {
        batchOf[row] = batch
        slotOf[row] = count
        rows[count] = row
        offsets[++count] = 0
      }
      const slot = slotOf[row]!
      slots[use] = slot
      offsets[slot + 1]!++
    }
    offsets[0] = 0
    for (let slot = 0; slot < count; slot++) offsets[slot + 1]! += offsets[slot]!
    // Filling moves each row's beginning to its end, which is the next row's beginning.
    for (let use = 0; use < ids.length; use++) uses[offsets[slots[use]!]!++] = use
    for (let slot = count; slot > 0; slot--) offsets[slot] = offsets[slot - 1]!
    offsets[0] = 0
    description.values[0] = count
  }
}
