// The hidden layers of a block of pairs, forwards and backwards.

import { addOuterProducts, addRow, addScaledRow, MASK, multiplyRows, positivePart, RELU } from '../row-arithmetic'
import { bytes, Network, rowAt, sizeOf, Training } from './memory'

/** out = max(0, x + y) */
// @ts-ignore: decorator
@inline
export function addHalves(outAt: usize, xAt: usize, yAt: usize, size: i32): void {
  const end = <usize>size << 2
  for (let k: usize = 0; k < end; k += 16) {
    v128.store(outAt + k, positivePart(f32x4.add(v128.load(xAt + k), v128.load(yAt + k))))
  }
}

/** Second to last layer of `count` rows whose first layer is at `hiddenAt`; each layer at the end of the one before. @returns the last */
export function forwardLayers(network: Network, count: i32, room: i32, hiddenAt: usize, layersAt: usize): usize {
  let inAt = hiddenAt
  let outAt = layersAt
  let weightAt = network.denseAt + bytes(2 * network.mlp + 1, sizeOf(network, 0))
  for (let layer = 1; layer < network.layers; layer++) {
    const inner = sizeOf(network, layer - 1)
    const width = sizeOf(network, layer)
    const biasAt = weightAt + bytes(inner, width)
    for (let i = 0; i < count; i += 4) {
      multiplyRows(
        rowAt(inAt, i, count, inner), rowAt(inAt, i + 1, count, inner), rowAt(inAt, i + 2, count, inner), rowAt(inAt, i + 3, count, inner),
        inner, weightAt, biasAt, width,
        rowAt(outAt, i, count, width), rowAt(outAt, i + 1, count, width), rowAt(outAt, i + 2, count, width), rowAt(outAt, i + 3, count, width),
        RELU,
      )
    }
    weightAt = biasAt + bytes(1, width)
    inAt = outAt
    outAt += bytes(room, width)
  }
  return inAt
}

/** From the scores' gradients back to the first layer, whose gradient takes its place, as every layer's does. */
export function backwardLayers(
  training: Training, network: Network, count: i32, room: i32, hiddenAt: usize, layersAt: usize, lastAt: usize, scoreGradientsAt: usize,
  zerosAt: usize, spareAt: usize, gradientAt: usize,
): void {
  const last = sizeOf(network, network.layers - 1)
  const outputGradientAt = gradientAt + (network.outputMlpAt - network.denseAt)
  for (let i = 0; i < count; i++) {
    const rowAt = lastAt + bytes(i, last)
    const g = load<f32>(scoreGradientsAt + (<usize>i << 2))
    addScaledRow(outputGradientAt, g, rowAt, last)
    throughOutput(rowAt, g, network.outputMlpAt, last)
  }
  let weightOffset = network.outputMlpAt - network.denseAt
  let outAt = lastAt
  for (let layer = network.layers - 1; layer > 0; layer--) {
    const inner = sizeOf(network, layer - 1)
    const width = sizeOf(network, layer)
    const inAt = layer == 1 ? hiddenAt : outAt - bytes(room, inner)
    const biasOffset = weightOffset - bytes(1, width)
    weightOffset = biasOffset - bytes(inner, width)
    for (let i = 0; i < count; i++) addRow(gradientAt + biasOffset, outAt + bytes(i, width), width)
    for (let i = 0; i < count; i += 4) {
      const in0 = inAt + bytes(i, inner)
      const in1 = rowAt(inAt, i + 1, count, inner)
      const in2 = rowAt(inAt, i + 2, count, inner)
      const in3 = rowAt(inAt, i + 3, count, inner)
      const d0 = outAt + bytes(i, width)
      const d1 = i + 1 < count ? outAt + bytes(i + 1, width) : zerosAt
      const d2 = i + 2 < count ? outAt + bytes(i + 2, width) : zerosAt
      const d3 = i + 3 < count ? outAt + bytes(i + 3, width) : zerosAt
      addOuterProducts(in0, in1, in2, in3, inner, d0, d1, d2, d3, width, gradientAt + weightOffset)
    }
    for (let i = 0; i < count; i += 4) backwardRows(training, inAt, outAt, i, count, inner, width, weightOffset, spareAt)
    outAt = inAt
  }
}

/** Four rows: the layer's input ← its gradient where the input is above 0. What there is less than four goes to the row for nobody. */
function backwardRows(
  training: Training, inAt: usize, outAt: usize, i: i32, count: i32, inner: i32, width: i32, weightOffset: usize, spareAt: usize,
): void {
  multiplyRows(
    rowAt(outAt, i, count, width), rowAt(outAt, i + 1, count, width), rowAt(outAt, i + 2, count, width), rowAt(outAt, i + 3, count, width),
    width, training.transposedAt + weightOffset, 0, inner,
    inAt + bytes(i, inner), i + 1 < count ? inAt + bytes(i + 1, inner) : spareAt, i + 2 < count ? inAt + bytes(i + 2, inner) : spareAt,
    i + 3 < count ? inAt + bytes(i + 3, inner) : spareAt, MASK,
  )
}

/** row ← g·outputMlp where row > 0, else 0 */
// @ts-ignore: decorator
@inline
function throughOutput(rowAt: usize, g: f32, outputAt: usize, size: i32): void {
  const end = <usize>size << 2
  const s = f32x4.splat(g)
  for (let k: usize = 0; k < end; k += 16) {
    const on = f32x4.gt(v128.load(rowAt + k), f32x4.splat(0))
    v128.store(rowAt + k, v128.and(f32x4.mul(s, v128.load(outputAt + k)), on))
  }
}
