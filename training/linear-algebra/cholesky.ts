import { AppError } from '../../errors.ts'
import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import { type DiagonalBlock, factorDiagonalBlock } from './diagonal-block.ts'

/** Columns of a panel: wide enough for fast products, narrow enough that what plain JavaScript does stays a few per cent. */
const panelWidth = 256

/** The lower triangular factor of A = L·Lᵀ, as panels of columns. */
export interface CholeskyFactor {
  readonly size: number
  readonly panels: readonly Panel[]
}

interface Panel extends DiagonalBlock {
  /** First column. */
  readonly from: number
  /** L[from + width …, from … from + width − 1] */
  readonly below: Matrix
}

/**
 * Factors a symmetric positive definite matrix, A = L·Lᵀ, in float32; the diagonal blocks in float64 (Golub & Van Loan 2013, alg. 4.2.4).
 * Size³/3 multiplications and half of A's memory.
 *
 * @param a      `[n, n]`; its lower triangle is read
 * @param signal stops it between panels
 * @throws AppError INTERNAL when A is not positive definite, or not by more than float32 can tell
 */
export async function factorCholesky(a: Matrix, signal?: AbortSignal): Promise<CholeskyFactor> {
  const size = a.rows
  const panels: Panel[] = []
  for (let from = 0; from < size; from += panelWidth) {
    signal?.throwIfAborted()
    const width = Math.min(panelWidth, size - from)
    const panel = columnsOf(a, from, width)
    for (const earlier of panels) {
      // What earlier columns explain: L[from …, their columns] · L[from … from + width − 1, their columns]ᵀ.
      const rows = rowsFrom(earlier.below, from - earlier.from - earlier.width)
      subtract(panel, (await multiply(rows, firstRows(rows, width), { transposeB: true })).values)
    }
    const block = factorDiagonalBlock(panel.subarray(0, width * width), width)
    if (block === undefined) {
      throw new AppError(
        'INTERNAL',
        `A matrix of ${size} rows is not positive definite near row ${from}; raise the regularisation.`,
      )
    }
    const rest = { rows: size - from - width, columns: width, values: panel.subarray(width * width) }
    panels.push({ ...block, from, below: await multiply(rest, block.inverse, { transposeB: true }) })
  }
  return { size, panels }
}

/**
 * Solves A·X = B.
 *
 * @param right `[n, m]`, overwritten with X
 */
export async function solveCholesky(factor: CholeskyFactor, right: Matrix, signal?: AbortSignal): Promise<Matrix> {
  for (const panel of factor.panels) {
    signal?.throwIfAborted()
    const own = ownRows(right, panel)
    own.values.set((await multiply(panel.inverse, own)).values)
    const below = rowsFrom(right, panel.from + panel.width)
    subtract(below.values, (await multiply(panel.below, own)).values)
  }
  for (const panel of factor.panels.toReversed()) {
    signal?.throwIfAborted()
    const own = ownRows(right, panel)
    const below = rowsFrom(right, panel.from + panel.width)
    subtract(own.values, (await multiply(panel.below, below, { transposeA: true })).values)
    own.values.set((await multiply(panel.inverse, own, { transposeA: true })).values)
  }
  return right
}

/** The `width` columns from `from` on and the rows from `from` down, contiguous. */
function columnsOf(a: Matrix, from: number, width: number): Float32Array {
  const panel = new Float32Array((a.rows - from) * width)
  for (let row = from; row < a.rows; row++) {
    const start = row * a.columns + from
    panel.set(a.values.subarray(start, start + width), (row - from) * width)
  }
  return panel
}

const rowsFrom = ({ rows, columns, values }: Matrix, from: number): Matrix => ({
  rows: rows - from,
  columns,
  values: values.subarray(from * columns),
})

const firstRows = ({ columns, values }: Matrix, rows: number): Matrix => ({
  rows,
  columns,
  values: values.subarray(0, rows * columns),
})

const ownRows = (right: Matrix, { from, width }: Panel): Matrix => firstRows(rowsFrom(right, from), width)

function subtract(from: Float32Array, what: Float32Array): void {
  for (let i = 0; i < from.length; i++) from[i]! -= what[i]!
}
