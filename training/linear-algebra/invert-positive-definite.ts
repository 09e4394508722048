import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import { type CholeskyFactor, factorCholesky } from './cholesky.ts'

/**
 * A⁻¹ of a symmetric positive definite matrix: with A = L·Lᵀ, A⁻¹ = YᵀY for Y = L⁻¹, whose zeros above the diagonal cost nothing. Half of
 * the multiplications that solving for the unit matrix takes.
 *
 * @param a `[n, n]`; its lower triangle is read
 * @throws AppError INTERNAL when A is not positive definite
 */
export async function invertPositiveDefinite(a: Matrix, signal?: AbortSignal): Promise<Matrix> {
  const size = a.rows
  const blocks = await invertFactor(await factorCholesky(a, signal), signal)
  const inverse = new Float32Array(size * size)
  for (const block of blocks) {
    signal?.throwIfAborted()
    // Rows of Y end at their own diagonal: their product reaches no further.
    const { rows, values } = await multiply(block, block, { transposeA: true })
    addInto(inverse, size, values, rows)
  }
  return { rows: size, columns: size, values: inverse }
}

/** Adds a square matrix to the upper left of a larger one. */
function addInto(to: Float32Array, width: number, from: Float32Array, size: number): void {
  for (let row = 0; row < size; row++) {
    const target = to.subarray(row * width, row * width + size)
    const source = from.subarray(row * size, (row + 1) * size)
    for (let column = 0; column < size; column++) target[column]! += source[column]!
  }
}

/** L⁻¹ as blocks of rows: of the panel from … from + width − 1 the first from + width columns, `[width, from + width]`. */
async function invertFactor({ panels }: CholeskyFactor, signal?: AbortSignal): Promise<Matrix[]> {
  const blocks: Matrix[] = []
  for (const { from, width, inverse } of panels) {
    signal?.throwIfAborted()
    const columns = from + width
    const right = new Float32Array(width * columns)
    for (const [i, block] of blocks.entries()) {
      const panel = panels[i]!
      // L[these rows, the panel's columns] · Y of the panel.
      const start = (from - panel.from - panel.width) * panel.width
      const own = {
        rows: width,
        columns: panel.width,
        values: panel.below.values.subarray(start, start + width * panel.width),
      }
      const { values } = await multiply(own, block)
      for (let row = 0; row < width; row++) {
        const target = right.subarray(row * columns, row * columns + block.columns)
        const source = values.subarray(row * block.columns, (row + 1) * block.columns)
        for (let column = 0; column < source.length; column++) target[column]! -= source[column]!
      }
    }
    for (let row = 0; row < width; row++) right[row * columns + from + row] = 1
    blocks.push(await multiply(inverse, { rows: width, columns, values: right }))
  }
  return blocks
}
