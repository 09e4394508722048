import { type AdamState, adamUpdate, createAdamState } from './adam.ts'

/**
 * An embedding table in training: gradients are summed only for the rows a batch touches, and only these rows move (lazy Adam).
 *
 * Not quite dense Adam: the moments of an untouched row do not decay. In return a step costs the batch, not the table.
 */
export class SparseParameter {
  /** `[rows, width]`; the weights themselves, updated in place. */
  readonly values: Float32Array
  readonly width: number
  /** `[rows, width]`: add to a row after `touch(row)`. */
  readonly gradient: Float32Array
  readonly adam: AdamState
  readonly #isTouched: Uint8Array
  readonly #touched: Int32Array
  #touchedCount = 0

  constructor(values: Float32Array, width: number) {
    const rows = width === 0 ? 0 : values.length / width
    this.values = values
    this.width = width
    this.gradient = new Float32Array(values.length)
    this.adam = createAdamState(values.length)
    this.#isTouched = new Uint8Array(rows)
    this.#touched = new Int32Array(rows)
  }

  /** Says that this step adds to the row's gradient. */
  touch(row: number): void {
    if (this.#isTouched[row] === 1) return
    this.#isTouched[row] = 1
    this.#touched[this.#touchedCount++] = row
  }

  /** Weight decay of one row: gradient += weight · row. */
  addDecay(row: number, weight: number): void {
    const { values, gradient, width } = this
    for (let at = row * width; at < (row + 1) * width; at++) gradient[at]! += weight * values[at]!
  }

  /** Moves the touched rows and forgets their gradients. @param rate from `correctedRate` */
  update(rate: number): void {
    const { values, width, gradient, adam } = this
    for (let i = 0; i < this.#touchedCount; i++) {
      const row = this.#touched[i]!
      this.#isTouched[row] = 0
      adamUpdate(values, gradient, adam, rate, row * width, (row + 1) * width)
    }
    this.#touchedCount = 0
  }
}
