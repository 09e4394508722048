import type { RankedItems } from '../families/family.ts'
import { topItems } from './top-items.ts'

/** The k items of the greatest scores with their scores, best first; −Infinity is never among them. @param scores `[items]` */
export function rankedItems(scores: Float32Array, k: number): RankedItems {
  const items = topItems(scores, k)
  return { items, scores: Float32Array.from(items, (item) => scores[item]!) }
}
