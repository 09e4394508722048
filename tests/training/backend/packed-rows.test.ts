import { describe, expect, it } from 'vitest'
import { PackedRows } from '../../../training/backend/packed-rows.ts'
import { createRandom } from '../../../training/backend/random.ts'
import type { SparseMatrix } from '../../../training/classical/sparse-matrix.ts'

const unheard = new AbortController().signal

/** Each row has about a third of the columns, of values from ½ to 1½. */
function randomMatrix(rows: number, columnCount: number): SparseMatrix {
  const random = createRandom(4)
  const offsets = [0]
  const columns: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columnCount; column++) if (random.uniform() < 0.3) columns.push(column)
    offsets.push(columns.length)
  }
  const values = Float32Array.from(columns, () => 0.5 + random.uniform())
  return { offsets: Int32Array.from(offsets), columns: Int32Array.from(columns), values }
}

/** XᵀX without its diagonal, dense. */
function denseProducts(x: SparseMatrix, columnCount: number): number[][] {
  const products = Array.from({ length: columnCount }, () => new Array<number>(columnCount).fill(0))
  for (let row = 0; row < x.offsets.length - 1; row++) {
    for (let i = x.offsets[row]!; i < x.offsets[row + 1]!; i++) {
      for (let j = x.offsets[row]!; j < x.offsets[row + 1]!; j++) {
        if (i !== j) products[x.columns[i]!]![x.columns[j]!]! += x.values[i]! * x.values[j]!
      }
    }
  }
  return products
}

describe('PackedRows', () => {
  const x = randomMatrix(60, 37)
  const dense = denseProducts(x, 37)

  it.each([40, 5, 1])('products, at most %i of a row: the greatest of XᵀX without its diagonal', async (most) => {
    const { offsets, columns, values } = (await PackedRows.products(x, 37, most, unheard)).unpack()
    for (const [row, products] of dense.entries()) {
      const [from, to] = [offsets[row]!, offsets[row + 1]!]
      const found = Array.from(values.subarray(from, to)).sort((a, b) => b - a)
      const greatest = products.filter((value) => value > 0).sort((a, b) => b - a)
      expect(found).toHaveLength(Math.min(most, greatest.length))
      for (const [i, value] of found.entries()) expect(value / greatest[i]!).toBeCloseTo(1, 3)
      for (let at = from; at < to; at++) expect(values[at]! / products[columns[at]!]!).toBeCloseTo(1, 5)
    }
  })

  it.each([
    ['few columns, two bytes each', 3],
    ['more columns than two bytes number', 70_000],
  ])('pack and unpack, %s: the same matrix, and rows added to sums', (_, size) => {
    const last = size - 1
    const offsets = new Int32Array(size + 1).fill(3)
    offsets[0] = 0
    offsets[1] = 2
    const matrix = { offsets, columns: Int32Array.of(last, 1, 0), values: Float32Array.of(2, 3, 5) }
    const packed = PackedRows.pack(matrix)
    expect(packed.unpack()).toEqual(matrix)
    const sums = new Float32Array(size).fill(1)
    packed.addTo(sums, Int32Array.of(0, 1), 0.5)
    // row 0: 2 for the last column, 3 for column 1; row 1: 5 for column 0
    expect([sums[0], sums[1], sums[last]]).toEqual([3.5, 2.5, 2])
  })

  it('a signal that came before: no products', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(PackedRows.products(x, 37, 5, signal)).rejects.toThrow('enough')
  })
})
