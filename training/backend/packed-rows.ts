import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { transpose } from '../classical/user-item-matrix.ts'
import { openCompiledKernels } from './compiled-kernels.ts'

/** The functions of `simd/packed-rows.ts`; every `…At` is a byte offset. */
type Kernels = {
  readonly productRows: (from: number, to: number, ...args: readonly number[]) => number
  readonly addRows: (rowsAt: number, count: number, ...args: readonly number[]) => void
}

const pageBytes = 65_536
/** WebAssembly's 32-bit addresses: 4 GB. */
const maximumPages = 65_536
/** Counters with which the kernel finds the greatest of a row. */
const counterBytes = 4 * 3072
/** Rows that are made between two turns of the event loop. */
const rowsPerTurn = 128
/** Columns of two bytes, where they all fit. */
const mostNarrow = 65_536

/**
 * A square sparse matrix whose rows are added to scores, many and fast: in WebAssembly's memory, six bytes an entry up to 65,536 columns,
 * eight beyond. The memory goes with the object.
 */
export class PackedRows {
  readonly size: number
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: maximumPages })
  readonly #kernels = openKernels(this.#memory)
  /** The first page holds the constants of the compiled code. */
  #used = pageBytes
  readonly #startsAt: number
  readonly #countsAt: number
  readonly #sumsAt: number
  readonly #askedAt: number

  private constructor(size: number) {
    this.size = size
    this.#startsAt = this.#allocate(4 * size)
    this.#countsAt = this.#allocate(4 * size)
    this.#sumsAt = this.#allocate(4 * size)
    this.#askedAt = this.#allocate(4 * size)
  }

  /**
   * XᵀX without its diagonal.
   *
   * @param x    `[rows, columnCount]`, values above 0
   * @param most of each row only this many of the greatest are kept; of nearly equal ones (one part in 8,000) those of lower rows of X
   * @throws AppError TOO_LARGE beyond 4 GB; the signal's reason soon after it is aborted
   */
  static async products(x: SparseMatrix, columnCount: number, most: number, signal: AbortSignal): Promise<PackedRows> {
    const packed = new PackedRows(columnCount)
    const inputs = [x, transpose(x, columnCount)].flatMap(({ offsets, columns, values }) => [
      packed.#copy(offsets),
      packed.#copy(columns),
      packed.#copy(values),
    ])
    const foundAt = packed.#allocate(8 * (columnCount + 1) + counterBytes)
    const kept = Math.min(most, columnCount)
    for (let from = 0; from < columnCount; from += rowsPerTurn) {
      signal.throwIfAborted()
      const to = Math.min(from + rowsPerTurn, columnCount)
      const outAt = packed.#reserve((to - from) * 8 * (kept + 8))
      const args = [columnCount, kept, packed.#narrow, packed.#sumsAt, foundAt, packed.#startsAt, packed.#countsAt]
      packed.#used = packed.#kernels.productRows(from, to, ...inputs, ...args, outAt) >>> 0
      await nextTurn()
    }
    return packed
  }

  /** @param matrix `[n, n]` @throws AppError TOO_LARGE beyond 4 GB */
  static pack({ offsets, columns, values }: SparseMatrix): PackedRows {
    const packed = new PackedRows(offsets.length - 1)
    const counts = Uint32Array.from({ length: packed.size }, (_, row) => padded(offsets[row + 1]! - offsets[row]!))
    const starts = counts.map((count) => packed.#allocate(count * (4 + packed.#columnBytes)))
    packed.#starts.set(starts)
    packed.#counts.set(counts)
    for (let row = 0; row < packed.size; row++) {
      const of = packed.#row(row)
      of.values.set(values.subarray(offsets[row]!, offsets[row + 1]!))
      of.columns.set(columns.subarray(offsets[row]!, offsets[row + 1]!))
    }
    return packed
  }

  /** The same matrix; entries of 0 are left out. */
  unpack(): SparseMatrix {
    const most = this.#counts.reduce((sum, count) => sum + count, 0)
    const offsets = new Int32Array(this.size + 1)
    const columns = new Int32Array(most)
    const values = new Float32Array(most)
    let filled = 0
    for (let row = 0; row < this.size; row++) {
      const of = this.#row(row)
      for (let entry = 0; entry < of.values.length; entry++) {
        if (of.values[entry] === 0) continue
        columns[filled] = of.columns[entry]!
        values[filled++] = of.values[entry]!
      }
      offsets[row + 1] = filled
    }
    return { offsets, columns: columns.slice(0, filled), values: values.slice(0, filled) }
  }

  /**
   * sums += weight · each of the rows
   *
   * @param rows distinct
   * @param sums `[size]`
   */
  addTo(sums: Float32Array, rows: Int32Array, weight: number): void {
    const { buffer } = this.#memory
    const own = new Float32Array(buffer, this.#sumsAt, this.size)
    new Int32Array(buffer, this.#askedAt, this.size).set(rows)
    // Sums lie where onnxruntime writes them; the kernel sees its own memory only.
    own.set(sums)
    const args = [this.#startsAt, this.#countsAt, this.#narrow, weight, this.#sumsAt]
    this.#kernels.addRows(this.#askedAt, rows.length, ...args)
    sums.set(own)
  }

  get #narrow(): number {
    return Number(this.size <= mostNarrow)
  }

  get #columnBytes(): number {
    return this.size <= mostNarrow ? 2 : 4
  }

  get #starts(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#startsAt, this.size)
  }

  get #counts(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#countsAt, this.size)
  }

  /** Views of one row. */
  #row(row: number): { values: Float32Array; columns: Uint16Array | Uint32Array } {
    const { buffer } = this.#memory
    const at = this.#starts[row]!
    const count = this.#counts[row]!
    const columnsAt = at + 4 * count
    const columns =
      this.size <= mostNarrow ? new Uint16Array(buffer, columnsAt, count) : new Uint32Array(buffer, columnsAt, count)
    return { values: new Float32Array(buffer, at, count), columns }
  }

  #copy(from: Int32Array | Float32Array): number {
    const at = this.#allocate(from.byteLength)
    new Int32Array(this.#memory.buffer, at, from.length).set(new Int32Array(from.buffer, from.byteOffset, from.length))
    return at
  }

  /** Zeros at a multiple of 64; the kernels read up to 64 bytes beyond the end. */
  #allocate(bytes: number): number {
    const at = this.#reserve(bytes + 64)
    this.#used = at + bytes + 64
    return at
  }

  /** Makes sure that there is room, and says where. */
  #reserve(bytes: number): number {
    const at = Math.ceil(this.#used / 64) * 64
    const pages = Math.ceil((at + bytes) / pageBytes)
    if (pages > maximumPages) {
      throw new AppError(
        'TOO_LARGE',
        `A sparse matrix of ${this.size} rows wants ${(pages / 2 ** 14).toFixed(1)} GB; expected 4 GB at most. Keep fewer entries of each row.`,
      )
    }
    const have = this.#memory.buffer.byteLength / pageBytes
    // By a sixteenth at least: growing anew for every row would take longer than filling it.
    if (pages > have) this.#memory.grow(Math.min(maximumPages, Math.max(pages, have + (have >> 4))) - have)
    return at
  }
}

const padded = (entries: number): number => Math.ceil(entries / 4) * 4

const openKernels = (memory: WebAssembly.Memory): Kernels =>
  openCompiledKernels(
    'packed-rows',
    (module) => new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels,
  )
