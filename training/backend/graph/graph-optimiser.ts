import { type AdamState, adamUpdate, correctedRate, createAdamState } from '../adam.ts'
import { SparseParameter } from '../sparse-parameter.ts'
import type { StepResult } from './compiled-step.ts'

interface DenseParameter {
  readonly values: Float32Array
  readonly adam: AdamState
  readonly decay: number
}

/**
 * Adam over the parameters of a compiled step: dense where a gradient is dense, lazy where it comes as rows (only rows that a batch
 * touches move).
 *
 * The parameters belong to the caller and change in place.
 */
export class GraphOptimiser {
  readonly #dense = new Map<string, DenseParameter>()
  readonly #tables = new Map<string, SparseParameter>()
  #steps = 0

  /**
   * @param tables width of each parameter whose gradient comes as rows
   * @param decay  by dense parameter, what it loses at each step, in learning rates; 0 where none is named
   */
  constructor(
    parameters: Readonly<Record<string, Float32Array>>,
    tables: Readonly<Record<string, number>>,
    decay: Readonly<Record<string, number>> = {},
  ) {
    for (const [name, values] of Object.entries(parameters)) {
      const width = tables[name]
      if (width === undefined) {
        this.#dense.set(name, { values, adam: createAdamState(values.length), decay: decay[name] ?? 0 })
      } else this.#tables.set(name, new SparseParameter(values, width))
    }
  }

  /** Steps taken so far: Adam's bias correction depends on it. */
  get steps(): number {
    return this.#steps
  }

  /** The moments in a fixed order, for checkpoints. */
  momentArrays(): Float32Array[] {
    return [...this.#dense.values(), ...this.#tables.values()].flatMap(({ adam }) => [adam.m, adam.v])
  }

  /** Goes on from a checkpoint whose arrays have been copied into `momentArrays()`. */
  restoreSteps(steps: number): void {
    this.#steps = steps
  }

  /** One step against the gradients, which are used up. */
  update({ gradients, rows }: StepResult, learningRate: number): void {
    const rate = correctedRate(learningRate, ++this.#steps)
    for (const [name, gradient] of Object.entries(gradients)) {
      const { values, adam, decay } = this.#dense.get(name)!
      if (decay > 0) {
        const kept = 1 - learningRate * decay
        for (let i = 0; i < values.length; i++) values[i]! *= kept
      }
      adamUpdate(values, gradient, adam, rate)
    }
    for (const { table, indices, gradient } of rows) addRows(this.#tables.get(table)!, indices, gradient)
    for (const table of this.#tables.values()) table.update(rate)
  }
}

function addRows(table: SparseParameter, indices: Int32Array, rows: Float32Array): void {
  const { width, gradient } = table
  let from = 0
  for (let i = 0; i < indices.length; i++) {
    table.touch(indices[i]!)
    let to = indices[i]! * width
    for (const end = from + width; from < end; ) gradient[to++]! += rows[from++]!
  }
}
