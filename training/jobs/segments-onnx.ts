import type { Projection } from '../estimators/segmentation.ts'
import { OnnxGraph } from '../export/onnx-graph.ts'
import type { TabularEncoder } from '../networks/tabular-encoder.ts'
import { standardisedOnnx } from '../networks/tabular-encoder-onnx.ts'

/**
 * Distances to the centres, from raw features: `numeric` [n, F] → `distance` [n, k].
 *
 * ‖p − c‖ = √max(0, ‖p‖² − 2·p·c + ‖c‖²)
 *
 * @param centroids `[k, projection.kept]`, row-major
 */
export function segmentsOnnx(
  encoder: TabularEncoder,
  projection: Projection,
  centroids: Float64Array,
  k: number,
): Uint8Array {
  const { features, kept, components } = projection
  const graph = new OnnxGraph('segments')
  const numeric = graph.input('numeric', 'float32', [-1, features])
  const { z } = standardisedOnnx(graph, encoder, numeric)
  const points = graph.node('MatMul', [
    z,
    graph.constant('components', Float32Array.from(components), [features, kept]),
  ])
  const transposed = Float32Array.from(
    { length: kept * k },
    (_, at) => -2 * centroids[(at % k) * kept + Math.floor(at / k)]!,
  )
  const cross = graph.node('MatMul', [points, graph.constant('centres', transposed, [kept, k])])
  const lengths = Float32Array.from({ length: k }, (_, c) =>
    centroids.subarray(c * kept, (c + 1) * kept).reduce((sum, value) => sum + value * value, 0),
  )
  const own = graph.node('ReduceSumSquare', [points], { axes: [1], keepdims: 1 })
  const squared = graph.node('Add', [graph.node('Add', [cross, own]), graph.constant('lengths', lengths, [1, k])])
  const nonNegative = graph.node('Max', [squared, graph.constant('nothing', Float32Array.from([0]), [])])
  graph.output('distance', graph.node('Sqrt', [nonNegative]), 'float32', [-1, k])
  return graph.build()
}
