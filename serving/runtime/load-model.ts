import { AppError } from '../../errors.ts'
import type { Manifest } from '../../models/artifact/manifest.ts'
import type { OpenScorer, Scorer } from '../../models/scorer.ts'
import { loadPayload } from './load-payload.ts'
import type { LoadedModel } from './loaded-model.ts'

export interface LoadOptions {
  readonly openScorer: OpenScorer
  /** Our hash of a feature service, or undefined when there is no such service. */
  readonly schemaHash: (featureService: string) => string | undefined
}

/**
 * Loads a version from its artifact folder: the network proves itself, the features are those of this version of the product.
 *
 * @throws AppError ARTIFACT_INVALID | FEATURES_CHANGED
 */
export async function loadModel(
  manifest: Manifest,
  version: number,
  dir: string,
  { openScorer, schemaHash }: LoadOptions,
): Promise<LoadedModel> {
  const name = manifest.model
  let scorer: Scorer | undefined
  try {
    scorer = await openScorer(dir)
    checkFeatures(manifest, schemaHash)
    const payload = await loadPayload(name, dir, manifest)
    return { name, version, manifest, payload, scorer }
  } catch (error) {
    await scorer?.close()
    throw error
  }
}

function checkFeatures({ model, featureService }: Manifest, schemaHash: LoadOptions['schemaHash']): void {
  if (featureService === null) return
  const ours = schemaHash(featureService.name)
  if (ours === featureService.schemaHash) return
  throw new AppError(
    'FEATURES_CHANGED',
    `${model} was trained on feature service ${featureService.name} ${featureService.schemaHash.slice(0, 12)}, this service has ${ours?.slice(0, 12) ?? 'none of that name'}. Run \`contentflow features build\`, \`contentflow train ${model}\` and \`contentflow features materialise\`.`,
  )
}
