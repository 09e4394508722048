import type * as core from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import type { NeuMfShape } from '../../training/networks/neu-mf.ts'

/** NeuMF as anyone would write it with tf.layers. */
export function layersNetwork(tf: typeof core, shape: NeuMfShape, learningRate: number): layers.LayersModel {
  const user = layers.input({ shape: [1], dtype: 'int32' })
  const item = layers.input({ shape: [1], dtype: 'int32' })
  const embed = (count: number, size: number, of: layers.SymbolicTensor, seed: number) =>
    layers.layers.flatten().apply(
      layers.layers
        .embedding({
          inputDim: count,
          outputDim: size,
          embeddingsInitializer: layers.initializers.randomNormal({ stddev: 0.1, seed }),
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
  model.compile({ optimizer: tf.train.adam(learningRate), loss: 'binaryCrossentropy' })
  return model
}
