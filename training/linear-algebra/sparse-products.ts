import type { Matrix } from '../backend/linear-algebra.ts'
import type { KernelPool, Shared } from '../backend/parallel/kernel-pool.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { transpose } from '../classical/user-item-matrix.ts'

/** A sparse matrix in the memory of the kernels. */
interface Placed {
  readonly rows: number
  readonly offsetsAt: number
  readonly columnsAt: number
  readonly valuesAt: number
}

/** Products of one sparse matrix and of its transpose with dense ones of a fixed width, on every core. */
export class SparseProducts {
  readonly #pool: KernelPool
  readonly #width: number
  readonly #x: Placed
  readonly #transposed: Placed
  /** `[columns, width]` */
  readonly #right: Shared<Float32Array>
  /** `[rows, width]` */
  readonly #left: Shared<Float32Array>

  /**
   * @param x     `[rows, columnCount]`
   * @param width columns of the dense matrices, a multiple of 16
   */
  constructor(pool: KernelPool, x: SparseMatrix, columnCount: number, width: number) {
    this.#pool = pool
    this.#width = width
    this.#x = place(pool, x)
    this.#transposed = place(pool, transpose(x, columnCount))
    this.#right = pool.float32(columnCount * width)
    this.#left = pool.float32(this.#x.rows * width)
  }

  /** X·right @param right `[columns, width]` @returns `[rows, width]` */
  async apply(right: Matrix): Promise<Matrix> {
    this.#right.values.set(right.values)
    await this.#multiply(this.#x, this.#right, this.#left)
    return this.#copied(this.#left)
  }

  /** Xᵀ·X·right @param right `[columns, width]` @returns `[columns, width]` */
  async applyBoth(right: Matrix): Promise<Matrix> {
    this.#right.values.set(right.values)
    await this.#multiply(this.#x, this.#right, this.#left)
    await this.#multiply(this.#transposed, this.#left, this.#right)
    return this.#copied(this.#right)
  }

  async #multiply(sparse: Placed, dense: Shared<Float32Array>, out: Shared<Float32Array>): Promise<void> {
    await this.#pool.run({
      kernel: 'sparseTimesDense',
      count: sparse.rows,
      chunk: 64,
      args: [sparse.offsetsAt, sparse.columnsAt, sparse.valuesAt, dense.at, out.at, this.#width],
    })
  }

  /** Out of the memory of the kernels, which other libraries cannot read. */
  #copied({ values }: Shared<Float32Array>): Matrix {
    return { rows: values.length / this.#width, columns: this.#width, values: values.slice() }
  }
}

/** The kernel reads four entries at a time: there is room behind the last. */
function place(pool: KernelPool, { offsets, columns, values }: SparseMatrix): Placed {
  const placed = { offsets: pool.int32(offsets.length), columns: pool.int32(columns.length + 3) }
  const weights = pool.float32(values.length + 3)
  placed.offsets.values.set(offsets)
  placed.columns.values.set(columns)
  weights.values.set(values)
  return {
    rows: offsets.length - 1,
    offsetsAt: placed.offsets.at,
    columnsAt: placed.columns.at,
    valuesAt: weights.at,
  }
}
