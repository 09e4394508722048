import { multiply } from '../backend/linear-algebra.ts'
import type { KernelPool, Shared } from '../backend/parallel/kernel-pool.ts'
import type { Random } from '../backend/random.ts'
import type { SparseMatrix } from './sparse-matrix.ts'

/** One side of the factorisation, users or items, in the pool's memory: its half of the matrix (CSR) and its factors. */
export interface IalsSide {
  readonly rows: number
  /** `[rows + 1]` */
  readonly offsets: Shared<Int32Array>
  /** `[entries + 3]`: rows of the other side; the kernel reads four at a time. */
  readonly columns: Shared<Int32Array>
  /** `[entries + 3]`: signed weights. */
  readonly weights: Shared<Float32Array>
  /** `[rows, size]` */
  readonly factors: Shared<Float32Array>
  /** `[rows]`: λ of each row. */
  readonly ridge: Shared<Float32Array>
}

/** Lays one side into the pool's memory: `matrix` as it is for users, transposed for items. */
export function ialsSide(pool: KernelPool, { offsets, columns, values }: SparseMatrix, size: number): IalsSide {
  const rows = offsets.length - 1
  const side: IalsSide = {
    rows,
    offsets: pool.int32(rows + 1),
    columns: pool.int32(columns.length + 3),
    weights: pool.float32(columns.length + 3),
    factors: pool.float32(rows * size),
    ridge: pool.float32(rows),
  }
  side.offsets.values.set(offsets)
  side.columns.values.set(columns)
  side.weights.values.set(values)
  return side
}

/** Bytes of one side. */
export const sideBytes = (rows: number, entries: number, size: number): number => 8 * entries + 4 * rows * (size + 2)

/** Factors ~ N(0, 0.1/√size), as Rendle et al. start (§4.1). */
export function startAtRandom({ factors }: IalsSide, size: number, random: Random): void {
  const deviation = 0.1 / Math.sqrt(size)
  for (let i = 0; i < factors.values.length; i++) factors.values[i] = deviation * random.normal()
}

/** Solves one side with the other held fixed. */
export class IalsSolver {
  readonly #pool: KernelPool
  readonly #size: number
  readonly #gram: Shared<Float32Array>

  constructor(pool: KernelPool, size: number) {
    this.#pool = pool
    this.#size = size
    this.#gram = pool.float32(size * size)
  }

  /**
   * min over x of Σ |w|·([w > 0] − xᵀy)² + unobservedWeight·Σ over all rows (xᵀy)² + ridge·‖x‖² for each row of `side`, by `steps` steps
   * of conjugate gradients from its present factors (Takács et al. 2011).
   */
  async solve(side: IalsSide, fixed: IalsSide, unobservedWeight: number, steps: number): Promise<void> {
    await this.#sumGram(fixed, unobservedWeight)
    await this.#pool.run({
      kernel: 'solveRows',
      count: side.rows,
      chunk: 32,
      args: [
        side.offsets.at,
        side.columns.at,
        side.weights.at,
        fixed.factors.at,
        side.factors.at,
        this.#gram.at,
        side.ridge.at,
        this.#size,
        steps,
      ],
    })
  }

  /** gram = scale·Σ y·yᵀ */
  async #sumGram({ factors, rows }: IalsSide, scale: number): Promise<void> {
    // onnxruntime cannot read the memory that workers share.
    const copied = { rows, columns: this.#size, values: factors.values.slice() }
    const { values } = await multiply(copied, copied, { transposeA: true })
    this.#gram.values.set(values.map((value) => scale * value))
  }
}
