import { topItems } from '../classical/top-items.ts'
import type { ItemIndex } from '../datasets/interactions.ts'
import type { RankedItems } from './family.ts'

/**
 * Items whose vectors point the same way: cos(v_i, v_j) = v_iᵀv_j ÷ (‖v_i‖·‖v_j‖), the item itself and what is not above 0 left out.
 *
 * @param vectors `[items, width]` row-major; a vector of zeros is like nothing
 * @returns at most k, best first; the lower index first among equals
 */
export function nearestByCosine(vectors: Float32Array, width: number, item: ItemIndex, k: number): RankedItems {
  const own = vectors.subarray(item * width, (item + 1) * width)
  const cosines = new Float32Array(width === 0 ? 0 : vectors.length / width)
  const ownNorm = Math.sqrt(dot(own, own))
  for (let other = 0; other < cosines.length; other++) {
    const vector = vectors.subarray(other * width, (other + 1) * width)
    const norms = ownNorm * Math.sqrt(dot(vector, vector))
    cosines[other] = other === item || norms === 0 ? Number.NEGATIVE_INFINITY : dot(own, vector) / norms
  }
  const items = topItems(cosines, k).filter((other) => cosines[other]! > 0)
  return { items, scores: Float32Array.from(items, (other) => cosines[other]!) }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!
  return sum
}
