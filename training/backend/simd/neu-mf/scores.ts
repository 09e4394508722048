// Scores of the whole catalogue by NeuMF.

import { dotRows, multiplyElements, multiplyRows, PLAIN } from '../row-arithmetic'
import { addHalves, forwardLayers } from './layers'
import { BLOCK, bytes, Network, rowAt, sizeOf } from './memory'

/** The items' half of the first layer for items [from, to), which `neuMfScores` wants at `itemHiddenAt` f32 `[items, first size]`. */
export function neuMfProjectItems(from: i32, to: i32, scratchAt: usize, networkAt: usize, itemHiddenAt: usize): void {
  const network = changetype<Network>(networkAt)
  const mlp = network.mlp
  const first = sizeOf(network, 0)
  const weightAt = network.denseAt + bytes(mlp, first)
  for (let i = from; i < to; i += 4) {
    multiplyRows(
      rowAt(network.itemInputsAt, i, to, mlp), rowAt(network.itemInputsAt, i + 1, to, mlp),
      rowAt(network.itemInputsAt, i + 2, to, mlp), rowAt(network.itemInputsAt, i + 3, to, mlp),
      mlp, weightAt, weightAt + bytes(mlp, first), first,
      rowAt(itemHiddenAt, i, to, first), rowAt(itemHiddenAt, i + 1, to, first),
      rowAt(itemHiddenAt, i + 2, to, first), rowAt(itemHiddenAt, i + 3, to, first), PLAIN,
    )
  }
}

/** Scores f32 `[users, items]` of all items for the users [from, to) whose factors and inputs stand in rows of their own. */
export function neuMfScores(
  from: i32, to: i32, scratchAt: usize, networkAt: usize, itemHiddenAt: usize, items: i32, factorsAt: usize, inputsAt: usize,
  scoresAt: usize,
): void {
  const network = changetype<Network>(networkAt)
  const gmf = network.gmf
  const first = network.layers == 0 ? 0 : sizeOf(network, 0)
  const last = first == 0 ? 0 : sizeOf(network, network.layers - 1)
  const weightedAt = scratchAt
  const userAt = weightedAt + bytes(1, gmf)
  const hiddenAt = userAt + bytes(1, first)
  const layersAt = hiddenAt + bytes(BLOCK, first)
  for (let user = from; user < to; user++) {
    multiplyElements(weightedAt, factorsAt + bytes(user, gmf), network.outputGmfAt, gmf)
    if (first != 0) {
      const x = inputsAt + bytes(user, network.mlp)
      multiplyRows(x, x, x, x, network.mlp, network.denseAt, 0, first, userAt, userAt, userAt, userAt, PLAIN)
    }
    const rowAtUser = scoresAt + bytes(user, items)
    for (let start = 0; start < items; start += BLOCK) {
      const count = min(BLOCK, items - start)
      let lastAt: usize = 0
      if (first != 0) {
        for (let i = 0; i < count; i++) {
          addHalves(hiddenAt + bytes(i, first), userAt, itemHiddenAt + bytes(start + i, first), first)
        }
        lastAt = forwardLayers(network, count, BLOCK, hiddenAt, layersAt)
      }
      for (let i = 0; i < count; i += 4) {
        let sums = f32x4.splat(0)
        if (gmf != 0) {
          const q = network.itemFactorsAt + bytes(start, gmf)
          sums = dotRows(weightedAt, rowAt(q, i, count, gmf), rowAt(q, i + 1, count, gmf), rowAt(q, i + 2, count, gmf), rowAt(q, i + 3, count, gmf), gmf)
        }
        if (first != 0) {
          sums = f32x4.add(
            sums,
            dotRows(
              network.outputMlpAt, rowAt(lastAt, i, count, last), rowAt(lastAt, i + 1, count, last), rowAt(lastAt, i + 2, count, last),
              rowAt(lastAt, i + 3, count, last), last,
            ),
          )
        }
        const out = rowAtUser + (<usize>(start + i) << 2)
        const bias = network.itemBiasAt + (<usize>(start + i) << 2)
        store<f32>(out, f32x4.extract_lane(sums, 0) + load<f32>(bias))
        if (i + 1 < count) store<f32>(out, f32x4.extract_lane(sums, 1) + load<f32>(bias, 4), 4)
        if (i + 2 < count) store<f32>(out, f32x4.extract_lane(sums, 2) + load<f32>(bias, 8), 8)
        if (i + 3 < count) store<f32>(out, f32x4.extract_lane(sums, 3) + load<f32>(bias, 12), 12)
      }
    }
  }
}
