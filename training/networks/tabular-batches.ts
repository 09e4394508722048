import type { Random } from '../backend/random.ts'
import { maskFrom } from './sequential-batches.ts'
import { type TabularShape, tabularDropout } from './tabular-network.ts'
import type { Batch } from './train-network.ts'

/** What a network reads of n examples. */
export interface TabularRows {
  /** `[n, D]` from `encodeTabular` */
  readonly encoded: Float32Array
  /** `[n, T]`: what the linear model says, that the network starts from */
  readonly start: Float32Array
  /** `[field][n]`, index into the field's vocabulary, 0 = unknown */
  readonly categories: readonly Int32Array[]
}

/** What a network learns from. */
export interface TabularExamples extends TabularRows {
  /** `[n, T]`: standardised values, or 1 and 0 for a class; NaN = unknown */
  readonly targets: Float32Array
  readonly kind: 'regression' | 'classification'
}

export interface TabularBatchOptions {
  /** Rows of a batch. */
  readonly batchSize: number
  /** Share of categories made unknown, so that the unknown value learns what to say of a newcomer. */
  readonly unknownRate: number
  /** From `dropoutMasks`, for `[members, batchSize, hidden]`; undefined where no unit is left out. */
  readonly masks: Float32Array | undefined
}

/** Inputs of a batch of fixed size; rows beyond the given ones are zeros. The arrays belong to the caller and are overwritten. */
export class TabularInputs {
  readonly arrays: Readonly<Record<string, Float32Array | Int32Array>>
  readonly #shape: TabularShape

  constructor(shape: TabularShape, batchSize: number) {
    this.#shape = shape
    this.arrays = {
      encoded: new Float32Array(batchSize * shape.encoded),
      start: new Float32Array(batchSize * shape.outputs),
      ...Object.fromEntries(shape.vocabularies.map((_, field) => [`field${field}`, new Int32Array(batchSize)])),
    }
  }

  fill({ encoded, start, categories }: TabularRows, rows: Int32Array): void {
    const { encoded: width, outputs } = this.#shape
    copyRows(encoded, width, rows, this.arrays.encoded as Float32Array)
    copyRows(start, outputs, rows, this.arrays.start as Float32Array)
    for (const [field, column] of categories.entries()) {
      const to = this.arrays[`field${field}`]!.fill(0)
      for (let i = 0; i < rows.length; i++) to[i] = column[rows[i]!]!
    }
  }
}

function copyRows(from: Float32Array, width: number, rows: Int32Array, to: Float32Array): void {
  for (let i = 0; i < rows.length; i++) to.set(from.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
  to.fill(0, rows.length * width)
}

/** One epoch over the rows in random order, as `tabularTrainingSpec` wants it; the last batch is filled up with rows of weight 0. */
export function* tabularBatches(
  examples: TabularExamples,
  rows: Int32Array,
  shape: TabularShape,
  { batchSize, unknownRate, masks }: TabularBatchOptions,
  random: Random,
): Generator<Batch> {
  const order = rows.slice()
  random.shuffle(order)
  const { members, outputs, hidden } = shape
  const inputs = new TabularInputs(shape, batchSize)
  const targets = new Float32Array(members * batchSize * outputs)
  const weights = new Float32Array(targets.length)
  for (let from = 0; from < order.length; from += batchSize) {
    const part = order.subarray(from, from + batchSize)
    inputs.fill(examples, part)
    forgetSome(inputs.arrays, shape, part.length, unknownRate, random)
    setTargets(examples, part, shape, targets, weights)
    const dropped =
      masks && tabularDropout.map((place) => [place, maskFrom(masks, members * batchSize * hidden, random)])
    yield {
      inputs: { ...inputs.arrays, targets, weights, ...(dropped && Object.fromEntries(dropped)) },
      positions: part.length,
    }
  }
}

function forgetSome(
  arrays: TabularInputs['arrays'],
  { vocabularies }: TabularShape,
  count: number,
  rate: number,
  random: Random,
): void {
  if (rate === 0) return
  for (const field of vocabularies.keys()) {
    const column = arrays[`field${field}`]!
    for (let i = 0; i < count; i++) if (random.uniform() < rate) column[i] = 0
  }
}

/** `targets` as `tabularLoss` wants them, the same for each member; weights that sum to 1 over what is known, and 0 elsewhere. */
function setTargets(
  { targets: all, kind }: TabularExamples,
  rows: Int32Array,
  { outputs, members }: TabularShape,
  targets: Float32Array,
  weights: Float32Array,
): void {
  const own = targets.length / members
  targets.fill(0, 0, own)
  weights.fill(0, 0, own)
  let known = 0
  for (let i = 0; i < rows.length; i++) {
    for (let t = 0; t < outputs; t++) {
      const value = all[rows[i]! * outputs + t]!
      if (Number.isNaN(value)) continue
      targets[i * outputs + t] = kind === 'regression' ? -value : 2 * value - 1
      weights[i * outputs + t] = 1
      known++
    }
  }
  if (known > 0) for (let at = 0; at < own; at++) weights[at]! /= known * members
  for (let member = 1; member < members; member++) {
    targets.copyWithin(member * own, 0, own)
    weights.copyWithin(member * own, 0, own)
  }
}
