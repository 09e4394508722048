import type { Tensor } from '@tensorflow/tfjs-core'
import { silentLogger } from '../../log.ts'
import { compileForward } from '../backend/graph/compiled-step.ts'
import { tfOps } from '../backend/graph/tf-ops.ts'
import { multiply } from '../backend/linear-algebra.ts'
import { openBackend, type TfBackend } from '../backend/select-backend.ts'
import { exportHistoryNetwork } from '../export/history-onnx.ts'
import type { FittedRecommender, SavedRecommender } from '../families/family.ts'
import { nearestByCosine } from '../families/nearest-by-cosine.ts'
import { type HistoryNetwork, inferenceSpec, scoringParameters } from './history-network.ts'
import type { Parameters } from './train-network.ts'

/** A trained network over histories. */
export interface HistoryModel {
  readonly network: HistoryNetwork
  /** Those of `network.parameterShapes`. An item whose vector is zero throughout was never learned, and ranks behind all others. */
  readonly parameters: Parameters
  /** `[items]`: occurrences in training. */
  readonly counts: Float32Array
  /** Whether anything was learned; without it everyone gets what is popular. */
  readonly trained: boolean
}

/** What `save` gave, as a recommender again. @param arrays the parameters and `counts` */
export async function loadHistoryRecommender(
  network: HistoryNetwork,
  arrays: SavedRecommender['arrays'],
  trained: boolean,
): Promise<FittedRecommender> {
  const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
  const parameters = scoringParameters(network, arrays)
  return historyRecommender(tf, { network, parameters, counts: arrays.counts as Float32Array, trained }, {})
}

/** Histories encoded at once. */
const windowsPerRun = 32

/**
 * Ranks by what the network expects after the last items of a history: score(i) = h·v_i. An empty history, and an untrained network,
 * get what is popular: log(1 + occurrences).
 *
 * One history is encoded by TF.js, at once; many by the compiled graph.
 */
export function historyRecommender(
  tf: TfBackend['tf'],
  model: HistoryModel,
  chosen: FittedRecommender['chosen'],
): FittedRecommender {
  const { network, parameters, counts } = model
  const { itemCount, embeddingSize, windowLength } = network.shape
  const { items } = parameters
  const unknown = unknownItems(items!, embeddingSize)
  const spec = inferenceSpec(network, windowsPerRun)
  let tensors: Record<string, Tensor> | undefined
  let encoder: ReturnType<typeof compileForward> | undefined
  const encoded = (history: Int32Array): boolean => model.trained && history.length > 0

  /** `[embeddingSize]` */
  const encodeOne = (history: Int32Array): Float32Array => {
    tensors ??= tensorsOf(tf, model)
    const length = Math.min(history.length, windowLength)
    let hidden = new Float32Array(0)
    // The result leaves the tidy through a variable: returning a typed array makes TF.js walk every element.
    tf.tidy(() => {
      const inputs = {
        inputs: tf.tensor1d(history.slice(-length), 'int32'),
        sequences: tf.zeros([length], 'int32'),
      }
      const result = network.encode<Tensor>(tfOps(tf), tensors!, inputs, length)
      hidden = result.dataSync() as Float32Array<ArrayBuffer>
    })
    return hidden
  }

  /** `[histories, embeddingSize]`; rows of empty histories mean nothing. */
  const encodeMany = async (histories: readonly Int32Array[]): Promise<Float32Array> => {
    encoder ??= compileForward(spec, (ops, p, i) => network.encode(ops, p, i, windowLength))
    const { run } = await encoder
    const hidden = new Float32Array(histories.length * embeddingSize)
    const inputs = new Int32Array(windowsPerRun * windowLength)
    const sequences = new Int32Array(windowsPerRun * windowLength)
    for (let from = 0; from < histories.length; from += windowsPerRun) {
      const some = histories.slice(from, from + windowsPerRun)
      inputs.fill(0)
      sequences.fill(-1)
      for (const [window, history] of some.entries()) {
        const recent = history.subarray(Math.max(0, history.length - windowLength))
        const end = (window + 1) * windowLength
        inputs.set(recent, end - recent.length)
        sequences.fill(0, end - recent.length, end)
      }
      const result = await run(parameters, { inputs, sequences })
      hidden.set(result.subarray(0, some.length * embeddingSize), from * embeddingSize)
    }
    return hidden
  }

  const popular = Float32Array.from(counts, Math.log1p)

  const recommender: FittedRecommender = {
    name: network.name,
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
      putUnknownLast(scores, unknown)
    },
    async scoreMany(_users, histories, scores) {
      if (histories.some(encoded)) {
        const hidden = { rows: histories.length, columns: embeddingSize, values: await encodeMany(histories) }
        const vectors = { rows: itemCount, columns: embeddingSize, values: items! }
        await multiply(hidden, vectors, { transposeB: true, out: scores })
      }
      for (const [row, history] of histories.entries()) {
        const its = scores.subarray(row * itemCount, (row + 1) * itemCount)
        if (encoded(history)) putUnknownLast(its, unknown)
        else its.set(popular)
      }
    },
    similar: (item, k) => nearestByCosine(items!, embeddingSize, item, k),
    save: () => ({
      json: { shape: network.shape, trained: model.trained },
      arrays: { ...parameters, counts },
    }),
    close() {
      for (const tensor of Object.values(tensors ?? {})) tensor.dispose()
      tensors = undefined
      void encoder?.then(({ close }) => close())
      encoder = undefined
    },
    // What is popular needs no graph.
    ...(model.trained && { serving: () => exportHistoryNetwork(model, recommender) }),
  }
  return recommender
}

/** The items whose vector is zero throughout. */
function unknownItems(vectors: Float32Array, width: number): Int32Array {
  const known = knownItems(vectors, width)
  return Int32Array.from(known.keys()).filter((item) => known[item] === 0)
}

/** `[items]`: 1 where the vector has a number other than 0. */
export function knownItems(vectors: Float32Array, width: number): Uint8Array {
  const known = new Uint8Array(vectors.length / width)
  for (let at = 0; at < vectors.length; at++) if (vectors[at] !== 0) known[Math.floor(at / width)] = 1
  return known
}

function tensorsOf(tf: TfBackend['tf'], { network, parameters }: HistoryModel): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(network.parameterShapes).map(([name, its]) => [name, tf.tensor(parameters[name]!, [...its])]),
  )
}

/** Items that have no vector all get the score of the worst item that has one. */
function putUnknownLast(scores: Float32Array, unknown: Int32Array): void {
  if (unknown.length === 0) return
  for (const item of unknown) scores[item] = Number.POSITIVE_INFINITY
  let worst = Number.POSITIVE_INFINITY
  for (let item = 0; item < scores.length; item++) worst = Math.min(worst, scores[item]!)
  for (const item of unknown) scores[item] = worst
}
