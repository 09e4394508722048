import type { ModelName } from '../models/artifact/manifest.ts'
import type { ModelRegistry } from '../models/registry/model-registry.ts'

/**
 * Fetches a version, compares its checksums, and has the serving runtime reproduce its golden batch.
 *
 * @throws AppError ARTIFACT_INVALID | NOT_FOUND | REGISTRY_FAILED
 */
export async function verifyVersion(registry: ModelRegistry, model: ModelName, version: number): Promise<void> {
  // Loaded here: listing models need not wait for onnxruntime.
  const { openScorer } = await import('../serving/runtime/open-scorer.ts')
  const scorer = await openScorer(await registry.fetch(model, version))
  await scorer.close()
}
