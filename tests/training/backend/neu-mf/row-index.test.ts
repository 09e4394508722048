import { describe, expect, it } from 'vitest'
import { allocateIndexedRows, RowIndex } from '../../../../training/backend/neu-mf/row-index.ts'
import { KernelPool } from '../../../../training/backend/parallel/kernel-pool.ts'

describe('RowIndex', () => {
  const pool = KernelPool.open({ module: 'neu-mf', threads: 1, scratchBytes: 0 })
  const memory = allocateIndexedRows(pool, 8)
  const found = () => {
    const count = memory.description.values[0]!
    const uses = memory.offsets[count]!
    return {
      rows: [...memory.rows.subarray(0, count)],
      offsets: [...memory.offsets.subarray(0, count + 1)],
      uses: [...memory.uses.subarray(0, uses)],
      slots: [...memory.slots.subarray(0, uses)],
    }
  }

  it('rows that are used several times: each once, with its uses ascending', () => {
    new RowIndex(10).index(Int32Array.of(7, 3, 7, 9, 3, 7), memory)
    // 7 at 0, 2 and 5; 3 at 1 and 4; 9 at 3
    expect(found()).toEqual({
      rows: [7, 3, 9],
      offsets: [0, 3, 5, 6],
      uses: [0, 2, 5, 1, 4, 3],
      slots: [0, 1, 0, 2, 1, 0],
    })
  })

  it('a second batch: knows nothing of the first', () => {
    const index = new RowIndex(10)
    index.index(Int32Array.of(1, 2, 3), memory)
    index.index(Int32Array.of(2, 2), memory)
    expect(found()).toEqual({ rows: [2], offsets: [0, 2], uses: [0, 1], slots: [0, 0] })
  })
})
