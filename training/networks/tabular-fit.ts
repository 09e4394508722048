import { setImmediate } from 'node:timers/promises'
import type * as tfjs from '@tensorflow/tfjs-core'
import type { Random } from '../backend/random.ts'
import { type Parameters, type Tf, tabularForward, trainableNames } from './tabular-network.ts'
import { createOptimiser, type OptimiserState, optimise } from './tabular-optimiser.ts'

/** Examples as the network reads them. */
export interface TabularExamples {
  readonly rowCount: number
  /** `[rowCount, width]` from `encodeTabular` */
  readonly encoded: Float32Array
  readonly width: number
  /** `[field][rowCount]`, index into the field's vocabulary, 0 = unknown */
  readonly categories: readonly Int32Array[]
  /** `[rowCount, outputs]`: standardised values, or 1 and 0 for a classifier; NaN = unknown */
  readonly targets: Float32Array
  readonly outputs: number
}

export interface TabularFitOptions {
  readonly kind: 'regression' | 'classification'
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly dropout: number
  /** Share of categories replaced by the unknown value while training, so that its row learns what to say of a newcomer. */
  readonly unknownRate: number
  /** Epochs without a better validation loss after which training stops. */
  readonly patience: number
}

/** Where a fit stands after an epoch; enough to go on from there exactly. */
export interface FitState {
  /** Epochs finished. */
  epoch: number
  parameters: Parameters
  optimiser: OptimiserState
  best: { readonly epoch: number; readonly loss: number; readonly parameters: Parameters } | undefined
}

export interface FitInput {
  readonly examples: TabularExamples
  readonly train: Int32Array
  /** Rows for early stopping; without them all epochs are run and the last weights count. */
  readonly valid: Int32Array | undefined
  readonly options: TabularFitOptions
  readonly random: Random
  readonly signal: AbortSignal
  /** Called after each epoch. */
  readonly onEpoch: (state: FitState, trainLoss: number, validLoss: number) => void
}

/**
 * Trains a network; deterministic: each epoch draws from a stream named after it, so going on from a state equals never stopping.
 *
 * @param start fresh parameters, or the state of an interrupted fit (changed in place)
 * @returns the weights of the best epoch and its number (counted from 1; 0 = the linear start was never beaten)
 * @throws AbortError when `signal` aborts, after the current epoch's batches
 */
export async function fitTabular(
  tf: Tf,
  start: Parameters | FitState,
  input: FitInput,
): Promise<{ readonly parameters: Parameters; readonly epochs: number }> {
  const { examples, train, valid, options } = input
  const state = 'epoch' in start ? start : freshState(start)
  if (valid !== undefined && state.best === undefined) {
    const loss = evaluateLoss(tf, state.parameters, examples, valid, options.kind)
    state.best = { epoch: 0, loss, parameters: copyOf(state.parameters) }
  }
  while (
    state.epoch < options.epochs &&
    !(state.best !== undefined && state.epoch - state.best.epoch >= options.patience)
  ) {
    const trainLoss = await runEpoch(tf, state, examples, train, options, input)
    state.epoch++
    const loss = valid === undefined ? Number.NaN : evaluateLoss(tf, state.parameters, examples, valid, options.kind)
    if (state.best !== undefined && loss < state.best.loss) {
      state.best = { epoch: state.epoch, loss, parameters: copyOf(state.parameters) }
    }
    input.onEpoch(state, trainLoss, loss)
  }
  return state.best === undefined
    ? { parameters: state.parameters, epochs: state.epoch }
    : { parameters: state.best.parameters, epochs: state.best.epoch }
}

/** Outputs for the given rows; `[rows, outputs]`, row-major. */
export function predictTabular(
  tf: Tf,
  parameters: Parameters,
  examples: Pick<TabularExamples, 'encoded' | 'width' | 'categories' | 'outputs'>,
  rows: Int32Array,
): Float32Array {
  const result = new Float32Array(rows.length * examples.outputs)
  const weights = tensorsOf(tf, parameters)
  const chunk = 4096
  for (let from = 0; from < rows.length; from += chunk) {
    const part = rows.subarray(from, from + chunk)
    // Read outside tidy: a typed array that tidy returns is walked element by element.
    const output = tf.tidy(() => {
      const { encoded, categories } = batchTensors(tf, examples, part)
      return tabularForward(tf, weights, encoded, categories)
    })
    result.set(output.dataSync(), from * examples.outputs)
    output.dispose()
  }
  tf.dispose(weights)
  return result
}

const freshState = (parameters: Parameters): FitState => ({
  epoch: 0,
  parameters,
  optimiser: createOptimiser(parameters, trainableNames(parameters)),
  best: undefined,
})

const copyOf = (parameters: Parameters): Parameters =>
  new Map([...parameters].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]))

const tensorsOf = (tf: Tf, parameters: Parameters): Record<string, tfjs.Tensor> =>
  Object.fromEntries([...parameters].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]))

async function runEpoch(
  tf: Tf,
  state: FitState,
  examples: TabularExamples,
  train: Int32Array,
  options: TabularFitOptions,
  { random, signal }: FitInput,
): Promise<number> {
  const stream = random.fork(`epoch-${state.epoch}`)
  const order = train.slice()
  stream.shuffle(order)
  const batches = Math.max(1, Math.round(order.length / options.batchSize))
  // The step shrinks from epoch to epoch, so that the end settles; half after nine.
  const learningRate = options.learningRate * 0.925 ** state.epoch
  let loss = 0
  for (let b = 0; b < batches; b++) {
    const rows = order.subarray(
      Math.floor((b * order.length) / batches),
      Math.floor(((b + 1) * order.length) / batches),
    )
    const { value, gradients } = lossAndGradients(tf, state.parameters, examples, rows, options, stream)
    optimise(state.optimiser, state.parameters, gradients, learningRate, options.weightDecay)
    loss += value / batches
    if (b % 20 === 0) await setImmediate()
    signal.throwIfAborted()
  }
  return loss
}

function lossAndGradients(
  tf: Tf,
  parameters: Parameters,
  examples: TabularExamples,
  rows: Int32Array,
  options: TabularFitOptions,
  random: Random,
): { readonly value: number; readonly gradients: ReadonlyMap<string, Float32Array> } {
  const names = trainableNames(parameters)
  const hidden = parameters.get('b1')!.data.length
  const { value, grads } = tf.tidy(() => {
    const all = tensorsOf(tf, parameters)
    const batch = batchTensors(tf, examples, rows, { rate: options.unknownRate, random })
    const masks = dropoutMasks(tf, rows.length, hidden, options.dropout, random)
    const { target, known } = targetTensors(tf, examples, rows)
    const loss = (...moved: tfjs.Tensor[]): tfjs.Scalar => {
      const weights = { ...all, ...Object.fromEntries(names.map((name, i) => [name, moved[i]!])) }
      return lossOf(
        tf,
        options.kind,
        tabularForward(tf, weights, batch.encoded, batch.categories, masks),
        target,
        known,
      )
    }
    return tf.valueAndGrads(loss)(names.map((name) => all[name]!))
  })
  const gradients = new Map(names.map((name, i) => [name, grads[i]!.dataSync() as Float32Array]))
  const result = { value: value.dataSync()[0]!, gradients }
  tf.dispose([value, ...grads])
  return result
}

/** Mean over the known targets of the squared error, or of the cross entropy of the logit. */
function lossOf(
  tf: Tf,
  kind: TabularFitOptions['kind'],
  output: tfjs.Tensor2D,
  target: tfjs.Tensor2D,
  known: tfjs.Tensor2D,
): tfjs.Scalar {
  const each =
    kind === 'regression'
      ? tf.square(tf.sub(output, target))
      : // max(z, 0) − z·y + ln(1 + e^−|z|), which overflows nowhere
        tf.add(tf.sub(tf.relu(output), tf.mul(output, target)), tf.log1p(tf.exp(tf.neg(tf.abs(output)))))
  return tf.div(tf.sum(tf.mul(each, known)), tf.maximum(tf.sum(known), 1)) as tfjs.Scalar
}

function evaluateLoss(
  tf: Tf,
  parameters: Parameters,
  examples: TabularExamples,
  rows: Int32Array,
  kind: TabularFitOptions['kind'],
): number {
  const output = predictTabular(tf, parameters, examples, rows)
  const { outputs, targets } = examples
  let sum = 0
  let count = 0
  for (let i = 0; i < rows.length; i++) {
    for (let t = 0; t < outputs; t++) {
      const y = targets[rows[i]! * outputs + t]!
      if (Number.isNaN(y)) continue
      const z = output[i * outputs + t]!
      sum += kind === 'regression' ? (z - y) ** 2 : Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)))
      count++
    }
  }
  return sum / Math.max(1, count)
}

function batchTensors(
  tf: Tf,
  examples: Pick<TabularExamples, 'encoded' | 'width' | 'categories'>,
  rows: Int32Array,
  unknown?: { readonly rate: number; readonly random: Random },
): { readonly encoded: tfjs.Tensor2D; readonly categories: tfjs.Tensor1D[] } {
  const { width } = examples
  const values = new Float32Array(rows.length * width)
  rows.forEach((row, i) => {
    values.set(examples.encoded.subarray(row * width, (row + 1) * width), i * width)
  })
  const categories = examples.categories.map((index) => {
    const keep = (row: number): number =>
      unknown !== undefined && unknown.random.uniform() < unknown.rate ? 0 : index[row]!
    return tf.tensor1d(Int32Array.from(rows, keep), 'int32')
  })
  return { encoded: tf.tensor2d(values, [rows.length, width]), categories }
}

function targetTensors(tf: Tf, { targets, outputs }: TabularExamples, rows: Int32Array) {
  const target = new Float32Array(rows.length * outputs)
  const known = new Float32Array(rows.length * outputs)
  for (let i = 0; i < rows.length; i++) {
    for (let t = 0; t < outputs; t++) {
      const y = targets[rows[i]! * outputs + t]!
      if (Number.isNaN(y)) continue
      target[i * outputs + t] = y
      known[i * outputs + t] = 1
    }
  }
  const shape: [number, number] = [rows.length, outputs]
  return { target: tf.tensor2d(target, shape), known: tf.tensor2d(known, shape) }
}

/** Inverted dropout (Srivastava et al. 2014): kept units are scaled up, so that predicting needs no correction. */
function dropoutMasks(
  tf: Tf,
  rows: number,
  hidden: number,
  rate: number,
  random: Random,
): readonly [tfjs.Tensor2D, tfjs.Tensor2D] | undefined {
  if (rate === 0) return undefined
  const mask = (): tfjs.Tensor2D => {
    const data = new Float32Array(rows * hidden)
    for (let i = 0; i < data.length; i++) data[i] = random.uniform() < rate ? 0 : 1 / (1 - rate)
    return tf.tensor2d(data, [rows, hidden])
  }
  return [mask(), mask()]
}
