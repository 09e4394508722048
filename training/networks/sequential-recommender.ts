import type { Tensor } from '@tensorflow/tfjs-core'
import { compileForward } from '../backend/graph/compiled-step.ts'
import { tfOps } from '../backend/graph/tf-ops.ts'
import { multiply } from '../backend/linear-algebra.ts'
import type { TfBackend } from '../backend/select-backend.ts'
import { exportSequential } from '../export/sequential-onnx.ts'
import type { FittedRecommender } from '../families/family.ts'
import { nearestByCosine } from '../families/nearest-by-cosine.ts'
import {
  encodeLast,
  inferenceSpec,
  type Parameters,
  parameterShapes,
  type SequentialShape,
} from './sequential-network.ts'

export interface SequentialModel {
  readonly shape: SequentialShape
  readonly parameters: Parameters
  /** `[items]`: occurrences in training. An item without any has learned nothing, and ranks behind all others. */
  readonly counts: Float32Array
  /** Whether anything was learned; without it everyone gets what is popular. */
  readonly trained: boolean
}

/** Histories encoded at once. */
const windowsPerRun = 32

/**
 * Ranks by what the network expects after the last items of a history: score(i) = h·v_i. An empty history, and an untrained network,
 * get what is popular: log(1 + occurrences).
 *
 * One history is encoded by TF.js, at once; many by the compiled graph.
 */
export function sequentialRecommender(
  tf: TfBackend['tf'],
  model: SequentialModel,
  chosen: FittedRecommender['chosen'],
): FittedRecommender {
  const { shape, parameters, counts } = model
  const { itemCount, embeddingSize, windowLength } = shape
  const { items } = parameters
  const spec = inferenceSpec(shape, windowsPerRun)
  let tensors: Record<string, Tensor> | undefined
  let encoder: ReturnType<typeof compileForward> | undefined
  const encoded = (history: Int32Array): boolean => model.trained && history.length > 0

  /** `[embeddingSize]` */
  const encodeOne = (history: Int32Array): Float32Array => {
    tensors ??= tensorsOf(tf, shape, parameters)
    const length = Math.min(history.length, windowLength)
    let hidden = new Float32Array(0)
    // The result leaves the tidy through a variable: returning a typed array makes TF.js walk every element.
    tf.tidy(() => {
      const inputs = {
        inputs: tf.tensor1d(history.slice(-length), 'int32'),
        sequences: tf.zeros([length], 'int32'),
        last: tf.tensor1d([length - 1], 'int32'),
      }
      hidden = encodeLast<Tensor>(tfOps(tf), tensors!, inputs, {
        ...shape,
        windowLength: length,
      }).dataSync() as Float32Array<ArrayBuffer>
    })
    return hidden
  }

  /** `[histories, embeddingSize]`; rows of empty histories mean nothing. */
  const encodeMany = async (histories: readonly Int32Array[]): Promise<Float32Array> => {
    encoder ??= compileForward(spec, (ops, p, i) => encodeLast(ops, p, i, shape))
    const { run } = await encoder
    const hidden = new Float32Array(histories.length * embeddingSize)
    const inputs = new Int32Array(windowsPerRun * windowLength)
    const sequences = new Int32Array(windowsPerRun * windowLength)
    const last = new Int32Array(windowsPerRun)
    for (let from = 0; from < histories.length; from += windowsPerRun) {
      const some = histories.slice(from, from + windowsPerRun)
      inputs.fill(0)
      sequences.fill(-1)
      for (const [window, history] of some.entries()) {
        const recent = history.subarray(Math.max(0, history.length - windowLength))
        inputs.set(recent, window * windowLength)
        sequences.fill(0, window * windowLength, window * windowLength + recent.length)
        last[window] = window * windowLength + Math.max(0, recent.length - 1)
      }
      const result = await run(parameters, { inputs, sequences, last })
      hidden.set(result.subarray(0, some.length * embeddingSize), from * embeddingSize)
    }
    return hidden
  }

  const popular = Float32Array.from(counts, Math.log1p)
  const isKnown = counts.some((count) => count === 0) ? counts : undefined

  const recommender: FittedRecommender = {
    name: 'sequential',
    foldsIn: true,
    chosen,
    score(_user, history, scores) {
      if (!encoded(history)) {
        scores.set(popular)
        return
      }
      const hidden = encodeOne(history)
      for (let item = 0, at = 0; item < itemCount; item++) {
        let sum = 0
        for (let j = 0; j < embeddingSize; j++) sum += hidden[j]! * items![at++]!
        scores[item] = sum
      }
      putUnknownLast(scores, isKnown)
    },
    async scoreMany(_users, histories, scores) {
      if (histories.some(encoded)) {
        const hidden = { rows: histories.length, columns: embeddingSize, values: await encodeMany(histories) }
        const vectors = { rows: itemCount, columns: embeddingSize, values: items! }
        await multiply(hidden, vectors, { transposeB: true, out: scores })
      }
      for (const [row, history] of histories.entries()) {
        const its = scores.subarray(row * itemCount, (row + 1) * itemCount)
        if (encoded(history)) putUnknownLast(its, isKnown)
        else its.set(popular)
      }
    },
    similar: (item, k) => nearestByCosine(items!, embeddingSize, item, k),
    save: () => ({
      json: { shape, trained: model.trained },
      arrays: { ...parameters, counts },
    }),
    close() {
      for (const tensor of Object.values(tensors ?? {})) tensor.dispose()
      tensors = undefined
      void encoder?.then(({ close }) => close())
      encoder = undefined
    },
    // What is popular needs no graph.
    ...(model.trained && { serving: () => exportSequential(model, recommender.score) }),
  }
  return recommender
}

function tensorsOf(tf: TfBackend['tf'], shape: SequentialShape, parameters: Parameters): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(parameterShapes(shape)).map(([name, its]) => [name, tf.tensor(parameters[name]!, [...its])]),
  )
}

/** Items that training never saw have random vectors: they all get the score of the worst item that it saw. */
function putUnknownLast(scores: Float32Array, counts: Float32Array | undefined): void {
  if (counts === undefined) return
  let worst = Number.POSITIVE_INFINITY
  for (const [item, score] of scores.entries()) if (counts[item]! > 0 && score < worst) worst = score
  for (let item = 0; item < scores.length; item++) if (counts[item] === 0) scores[item] = worst
}
