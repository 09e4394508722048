import process from 'node:process'
import { parseArgs } from 'node:util'
import * as layers from '@tensorflow/tfjs-layers'
import { silentLogger } from '../../log.ts'
import { NeuMfStep } from '../../training/backend/neu-mf-step.ts'
import { createRandom } from '../../training/backend/random.ts'
import { openBackend, openStockWasm } from '../../training/backend/select-backend.ts'
import { createNeuMf } from '../../training/networks/neu-mf.ts'

// One NeuMF of ml-1m's size, the same batches of the same size, in one process: the Layers API on stock wasm (plus the one kernel
// without which it cannot train embeddings at all), then our fused step. See README.md.

const { values: flags } = parseArgs({
  options: {
    pairs: { type: 'string', default: '8192' },
    repeats: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
})
const pairs = Number(flags.pairs)
const repeats = Number(flags.repeats)
const shape = { userCount: 6040, itemCount: 3706, gmfSize: 8, mlpSize: 32, hiddenSizes: [32, 16, 8] }
const groupSize = 16 // one positive and 15 negatives

interface Measured {
  readonly millisecondsBest: number
  readonly millisecondsMedian: number
  readonly pairsPerSecondBest: number
}

async function measure(step: () => unknown): Promise<Measured> {
  for (let i = 0; i < 3; i++) await step()
  const times: number[] = []
  for (let i = 0; i < repeats; i++) {
    const started = performance.now()
    await step()
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  const best = times[0]!
  return { millisecondsBest: best, millisecondsMedian: times[repeats >> 1]!, pairsPerSecondBest: (pairs / best) * 1000 }
}

/** NeuMF as anyone would write it with tf.layers. */
function layersNetwork(tf: Awaited<ReturnType<typeof openStockWasm>>['tf']): layers.LayersModel {
  const user = layers.input({ shape: [1], dtype: 'int32' })
  const item = layers.input({ shape: [1], dtype: 'int32' })
  const embed = (count: number, size: number, of: layers.SymbolicTensor, seed: number) =>
    layers.layers.flatten().apply(
      layers.layers
        .embedding({
          inputDim: count,
          outputDim: size,
          embeddingsInitializer: layers.initializers.randomNormal({ stddev: 0.05, seed }),
        })
        .apply(of),
    ) as layers.SymbolicTensor
  const product = layers.layers
    .multiply()
    .apply([embed(shape.userCount, shape.gmfSize, user, 1), embed(shape.itemCount, shape.gmfSize, item, 2)])
  let h = layers.layers
    .concatenate()
    .apply([embed(shape.userCount, shape.mlpSize, user, 3), embed(shape.itemCount, shape.mlpSize, item, 4)])
  for (const units of shape.hiddenSizes) h = layers.layers.dense({ units, activation: 'relu' }).apply(h)
  const both = layers.layers.concatenate().apply([product as layers.SymbolicTensor, h as layers.SymbolicTensor])
  const output = layers.layers.dense({ units: 1, activation: 'sigmoid' }).apply(both)
  const model = layers.model({ inputs: [user, item], outputs: output as layers.SymbolicTensor })
  model.compile({ optimizer: tf.train.adam(0.002), loss: 'binaryCrossentropy' })
  return model
}

const random = createRandom(1)
const groups = pairs / groupSize
const users = Int32Array.from({ length: groups }, () => random.int(shape.userCount))
const items = Int32Array.from({ length: pairs }, () => random.int(shape.itemCount))

const { tf } = await openStockWasm()
const model = layersNetwork(tf)
const userOfPair = Int32Array.from({ length: pairs }, (_, pair) => users[Math.floor(pair / groupSize)]!)
const label = Float32Array.from({ length: pairs }, (_, pair) => (pair % groupSize === 0 ? 1 : 0))
const inputs = [tf.tensor2d(userOfPair, [pairs, 1], 'int32'), tf.tensor2d(items, [pairs, 1], 'int32')]
const labels = tf.tensor2d(label, [pairs, 1])
const reference = await measure(() => model.trainOnBatch(inputs, labels))

await openBackend({ prefer: 'wasm', log: silentLogger })
const withKernels = await measure(() => model.trainOnBatch(inputs, labels))
const weights = createNeuMf({ variant: 'neu-mf', ...shape }, random)
const step = new NeuMfStep(tf, weights, { loss: 'bce', l2: 0 })
const ours = await measure(() => step.train({ users, items }, 0.002))

const ratio = ours.pairsPerSecondBest / reference.pairsPerSecondBest
if (flags.json) process.stdout.write(`${JSON.stringify({ pairs, repeats, reference, withKernels, ours, ratio })}\n`)
else {
  const line = (name: string, { millisecondsBest, millisecondsMedian, pairsPerSecondBest }: Measured): string =>
    `${name.padEnd(40)} ${millisecondsBest.toFixed(1).padStart(8)} ${millisecondsMedian.toFixed(1).padStart(8)} ${Math.round(pairsPerSecondBest / 1000)}k`
  process.stdout.write(
    `${[
      `NeuMF, ${shape.userCount} users × ${shape.itemCount} items, batches of ${pairs} pairs, ${repeats} repeats`,
      `${''.padEnd(40)}  best ms   median  pairs/s (best)`,
      line('Layers API, stock wasm (the reference)', reference),
      line('Layers API, our kernels', withKernels),
      line('our fused step', ours),
      `fused step ÷ reference: ${ratio.toFixed(1)}×`,
    ].join('\n')}\n`,
  )
}
