import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { openBackend, type TfBackend } from '../../../training/backend/select-backend.ts'

let tf: TfBackend['tf']
beforeAll(async () => {
  tf = (await openBackend({ prefer: 'wasm', log: silentLogger })).tf
})

/** Values that no two cells share, so that a wrong index shows. */
const matrix = (rows: number, columns: number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, i) => ((i * 7) % 31) - 15)

/** aᵀ·b by definition. */
function productOfTransposed(a: Float32Array, b: Float32Array, rows: number, width: number, columns: number): number[] {
  const out = Array<number>(width * columns).fill(0)
  for (let r = 0; r < rows; r++)
    for (let k = 0; k < width; k++)
      for (let c = 0; c < columns; c++) out[k * columns + c]! += a[r * width + k]! * b[r * columns + c]!
  return out
}

describe('kernels of the wasm backend', () => {
  // 8×16: the SIMD kernel's tiles fit. 6×5, 3×9: they do not, once with the wider operand left, once right.
  it.each([
    [12, 6, 8],
    [8, 5, 16],
    [6, 9, 5],
    [7, 3, 9],
    [7, 20, 1],
    [5, 3, 1],
  ])(
    'matMul with a transposed left operand, %i rows, %i to %i columns, equals the sum of products',
    (rows, width, columns) => {
      const a = matrix(rows, width)
      const b = matrix(rows, columns)
      const got = tf.tidy(() =>
        tf.matMul(tf.tensor2d(a, [rows, width]), tf.tensor2d(b, [rows, columns]), true, false).dataSync(),
      )
      expect([...got]).toEqual(productOfTransposed(a, b, rows, width, columns))
    },
  )

  it.each([
    [5, 20],
    [4, 8],
    [3, 5],
  ])('sum over %i rows of %i columns equals the sum of the rows', (rows, columns) => {
    const x = matrix(rows, columns)
    const expected = Array.from({ length: columns }, (_, c) =>
      Array.from({ length: rows }, (_, r) => x[r * columns + c]!).reduce((a, b) => a + b),
    )
    expect([...tf.tidy(() => tf.sum(tf.tensor2d(x, [rows, columns]), 0).dataSync())]).toEqual(expected)
  })

  it('matMul with a transposed right operand equals the sum of products', () => {
    // [1 2; 3 4]·[5 6; 7 8]ᵀ = [17 23; 39 53]
    const got = tf.tidy(() =>
      tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2]), false, true).dataSync(),
    )
    expect([...got]).toEqual([17, 23, 39, 53])
  })

  it('the gradient of gather adds up rows that are picked twice', () => {
    const gradient = tf.tidy(() => {
      const sumOfSquares = (table: ReturnType<TfBackend['tf']['ones']>) =>
        tf.sum(tf.square(tf.gather(table, tf.tensor1d([1, 1, 3], 'int32'))))
      return tf
        .grad(sumOfSquares)(tf.ones([4, 2]))
        .dataSync()
    })
    // d/dx x² = 2 at 1: row 1 twice, row 3 once
    expect([...gradient]).toEqual([0, 0, 4, 4, 0, 0, 2, 2])
  })

  it('unsortedSegmentSum drops rows whose segment is out of range', () => {
    const got = tf.tidy(() =>
      tf.unsortedSegmentSum(tf.tensor2d([1, 2, 4, 8], [4, 1]), tf.tensor1d([0, -1, 2, 0], 'int32'), 2).dataSync(),
    )
    expect([...got]).toEqual([9, 0])
  })

  it.each([2, 20])('gather of rows %i wide picks them in order', (width) => {
    const table = matrix(5, width)
    const got = tf.tidy(() => tf.gather(tf.tensor2d(table, [5, width]), tf.tensor1d([4, 0], 'int32')).dataSync())
    expect([...got]).toEqual([...table.subarray(4 * width), ...table.subarray(0, width)])
  })

  it('concat and split by columns undo each other', () => {
    const [left, right] = tf.tidy(() => {
      const joined = tf.concat([tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6], [2, 1])], 1)
      return tf.split(joined, [2, 1], 1).map((part) => [...part.dataSync()])
    })
    expect(left).toEqual([1, 2, 3, 4])
    expect(right).toEqual([5, 6])
  })
})

const nativeInstalled = existsSync('node_modules/@tensorflow/tfjs-node')

describe.skipIf(nativeInstalled)('openBackend without tfjs-node', () => {
  it('says why when native is asked for and does not load', async () => {
    await expect(openBackend({ prefer: 'native', log: silentLogger })).rejects.toThrow(/setup:native/)
  })

  it('falls back with auto, and names the reason', async () => {
    const { name, reason } = await openBackend({ prefer: 'auto', log: silentLogger })
    expect(name).toBe('wasm')
    expect(reason).toMatch(/tfjs-node does not load/)
  })
})

describe.skipIf(!nativeInstalled)('openBackend with tfjs-node (skipped unless `npm run setup:native` was run)', () => {
  it.each(['native', 'auto'] as const)('asked for %s, takes libtensorflow', async (prefer) => {
    expect((await openBackend({ prefer, log: silentLogger })).name).toBe('native')
  })
})
