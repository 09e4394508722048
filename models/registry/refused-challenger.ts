import type { ModelName } from '../artifact/manifest.ts'
import type { ModelRegistry, ModelVersion } from './model-registry.ts'

/**
 * The newest version of a model when the gate's last word on it was to refuse it, and that word; undefined when it was not judged,
 * or promoted since.
 *
 * @throws AppError REGISTRY_FAILED
 */
export async function refusedChallenger(
  registry: Pick<ModelRegistry, 'list' | 'history'>,
  model: ModelName,
): Promise<{ readonly version: ModelVersion; readonly reason: string } | undefined> {
  const versions = await registry.list(model)
  const newest = versions.reduce<ModelVersion | undefined>(
    (best, one) => (best === undefined || one.version > best.version ? one : best),
    undefined,
  )
  if (newest === undefined) return undefined
  const audit = await registry.history(model)
  const verdict = audit.findLast((entry) => entry.version === newest.version && entry.action !== 'register')
  return verdict?.action === 'refuse' ? { version: newest, reason: verdict.reason } : undefined
}
