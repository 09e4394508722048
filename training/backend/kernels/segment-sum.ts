import { heapIndices, heapView, type Kernel, sizeOf } from './override.ts'

/**
 * UnsortedSegmentSum, the gradient of an embedding lookup; stock wasm has none, so it cannot train embeddings.
 *
 * out[segmentIds[i]] += x[i]; rows whose id is negative or ≥ numSegments are dropped, as TensorFlow does.
 */
export const unsortedSegmentSum: Kernel = ({ inputs, attributes, backend }) => {
  const x = inputs.x!
  const ids = inputs.segmentIds!
  const segments = attributes.numSegments as number
  const inner = x.shape.slice(ids.shape.length)
  const width = sizeOf(inner)
  const out = backend.makeOutput([segments, ...inner], x.dtype)
  const sums = heapView(backend, out)
  const values = heapView(backend, x)
  const segmentOf = heapIndices(backend, ids)
  sums.fill(0)
  for (let row = 0; row < segmentOf.length; row++) {
    const segment = segmentOf[row]!
    if (segment < 0 || segment >= segments) continue
    let from = row * width
    for (let to = segment * width, end = to + width; to < end; to++) sums[to]! += values[from++]!
  }
  return out
}
