import type { Manifest, ModelName } from '../../models/artifact/manifest.ts'
import type { ArtifactContent } from '../../models/artifact/write-artifact.ts'
import { makeGolden } from '../../training/export/golden.ts'
import { OnnxGraph } from '../../training/export/onnx-graph.ts'

/** The network y = factor·x over rows of two, as ONNX. */
function scalingNetwork(factor: number): Uint8Array {
  const graph = new OnnxGraph('scaling')
  const x = graph.input('x', 'float32', [-1, 2])
  const by = graph.constant('factor', Float32Array.of(factor), [])
  graph.output('y', graph.node('Mul', [x, by]), 'float32', [-1, 2])
  return graph.build()
}

/** A tiny model that the runtime can serve: y = factor·x, with one array and one JSON file, and `metric` as its headline. */
export function sampleArtifact(
  options: { model?: ModelName; factor?: number; metric?: number; runId?: string } = {},
): ArtifactContent {
  const { model = 'recommender', factor = 2, metric = 0.5, runId = 'run-1' } = options
  const manifest: ArtifactContent['manifest'] = {
    model,
    createdAt: '2026-01-02T03:04:05.000Z',
    runId,
    seed: 1,
    gitSha: null,
    backend: 'none',
    synthetic: true,
    data: { rows: 10, from: 1_600_000_000, to: 1_600_086_400, split: 'last day held out' },
    config: { factor },
    featureService: null,
    inputs: [{ name: 'x', dtype: 'float32', shape: [-1, 2] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: [-1, 2] }],
    metrics: [metricRow(metric)],
  }
  return {
    network: scalingNetwork(factor),
    golden: makeGolden(
      { x: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } },
      { y: { shape: [2, 2], data: Float32Array.of(factor, 2 * factor, 3 * factor, 4 * factor) } },
    ),
    arrays: { neighbours: { shape: [2, 3], data: Int32Array.of(1, 2, -1, 0, 2, -1) } },
    json: { 'vocabulary.json': { items: ['content-1', 'content-2'] } },
    manifest,
  }
}

/** A headline metric, higher is better, beside one baseline of 0.4. */
export const metricRow = (value: number): Manifest['metrics'][number] => ({
  metric: 'ndcg@10',
  higherIsBetter: true,
  model: { value, low: value - 0.01, high: value + 0.01 },
  baselines: { popularity: { value: 0.4, low: null, high: null } },
})
