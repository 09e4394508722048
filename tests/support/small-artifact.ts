import { featureService } from '../../features/definitions/index.ts'
import type { Manifest, ModelName, TensorSpec } from '../../models/artifact/manifest.ts'
import { writeArtifact } from '../../models/artifact/write-artifact.ts'
import type { Tensor, Tensors } from '../../models/scorer.ts'
import { makeGolden } from '../../training/export/golden.ts'
import type { OnnxGraph } from '../../training/export/onnx-graph.ts'

// Artifacts small enough to work out by hand: real ONNX files for the real runtime, with outputs that follow from one line each.

export const float = (shape: number[], data: number[]): Tensor => ({ shape, data: Float32Array.from(data) })
export const int = (shape: number[], data: number[]): Tensor => ({ shape, data: Int32Array.from(data) })
export const spec = (name: string, dtype: TensorSpec['dtype'], shape: number[]): TensorSpec => ({ name, dtype, shape })

interface Parts {
  readonly model: ModelName
  readonly graph: OnnxGraph
  readonly inputs: TensorSpec[]
  readonly outputs: TensorSpec[]
  readonly golden: { readonly inputs: Tensors; readonly outputs: Tensors }
  readonly arrays?: Readonly<Record<string, Tensor>>
  readonly json?: Readonly<Record<string, unknown>>
  readonly service?: string
}

export interface ArtifactChanges {
  readonly synthetic?: boolean
  /** Stands for a feature service that was changed after training. */
  readonly schemaHash?: string
  /** Added to the first golden output, so that the runtime cannot reproduce it. */
  readonly goldenError?: number
  /** Of engagement: as trained before there were explanations. */
  readonly withoutBackground?: boolean
}

/** Writes an artifact whose metrics are made up. */
export function writeSmall(dir: string, parts: Parts, changes: ArtifactChanges): Promise<Manifest> {
  const { model, graph, inputs, outputs, golden, arrays = {}, json = {}, service } = parts
  const batch = makeGolden(golden.inputs, golden.outputs)
  const first = Object.values(batch.outputs)[0]!
  first.data[0]! += changes.goldenError ?? 0
  return writeArtifact(dir, {
    network: graph.build(),
    golden: batch,
    arrays,
    json,
    manifest: {
      model,
      createdAt: '2026-11-01T00:00:00.000Z',
      runId: `run-${model}`,
      seed: 1,
      gitSha: null,
      backend: 'by hand',
      synthetic: changes.synthetic ?? true,
      data: { rows: 10, from: 0, to: 1, split: 'none' },
      config: {},
      featureService:
        service === undefined
          ? null
          : { name: service, schemaHash: changes.schemaHash ?? featureService(service).schemaHash },
      inputs,
      outputs,
      metrics: [
        {
          metric: 'ndcg@10',
          higherIsBetter: true,
          model: { value: 0.2, low: 0.18, high: 0.22 },
          baselines: { popularity: { value: 0.1, low: 0.09, high: 0.11 } },
        },
      ],
    },
  })
}
