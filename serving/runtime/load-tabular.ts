import { AppError } from '../../errors.ts'
import { featureService } from '../../features/definitions/index.ts'
import { joinTags } from '../../features/transforms/draft-features.ts'
import { textEncoding } from '../../features/transforms/text-encoder.ts'
import type { Manifest } from '../../models/artifact/manifest.ts'
import { readArtifactArray, readArtifactJson } from '../../models/artifact/read-artifact.ts'
import { readTextEncoder } from '../../models/payloads/read-text-encoder.ts'
import {
  backgroundArrays,
  type TabularFeatures,
  tabularFeaturesSchema,
  tabularFiles,
} from '../../models/payloads/tabular.ts'
import { groupedColumns } from './grouped-columns.ts'
import { inputColumns } from './input-columns.ts'
import type { TabularBackground, TabularPayload } from './loaded-model.ts'

/**
 * What a tabular model carries beside its network, indexed for serving.
 *
 * @throws AppError ARTIFACT_INVALID also when it asks for a field that this version does not compute
 */
export async function loadTabular(dir: string, manifest: Manifest): Promise<TabularPayload> {
  const features = await readArtifactJson(dir, tabularFiles.features, tabularFeaturesSchema)
  const service = manifest.featureService === null ? undefined : featureService(manifest.featureService.name)
  return {
    ...features,
    columns: inputColumns(features, service),
    grouped: groupedColumns(features),
    vocabularyIndex: features.categorical.map(
      ({ vocabulary }) => new Map(vocabulary.map((value, index) => [value, index])),
    ),
    encodeTexts: await loadTexts(dir, manifest, features),
    background: await loadBackground(dir, manifest, features),
  }
}

async function loadTexts(
  dir: string,
  manifest: Manifest,
  features: TabularFeatures,
): Promise<TabularPayload['encodeTexts']> {
  const encoder = await readTextEncoder(dir, manifest, features)
  if (encoder === undefined) return undefined
  const encode = textEncoding(encoder)
  const { fields } = features.texts!
  return (drafts) =>
    encode(fields.map((field) => drafts.map((draft) => (field === 'tags' ? joinTags(draft.tags) : draft[field]))))
}

async function loadBackground(
  dir: string,
  manifest: Manifest,
  features: TabularFeatures,
): Promise<TabularBackground | undefined> {
  if (manifest.arrays[backgroundArrays.numeric] === undefined) return undefined
  const numeric = await readArtifactArray(dir, manifest, backgroundArrays.numeric)
  const categorical = await readArtifactArray(dir, manifest, backgroundArrays.categorical)
  const texts = await readArtifactArray(dir, manifest, backgroundArrays.texts)
  const rowCount = numeric.shape[0] ?? 0
  const width = features.numeric.filter(({ source }) => source === 'text').length
  const expected = [
    [rowCount, features.numeric.length],
    [rowCount, features.categorical.length],
    [rowCount, features.texts?.fields.length ?? 0, width],
  ].join(' | ')
  const got = [numeric.shape, categorical.shape, texts.shape].join(' | ')
  if (rowCount === 0 || got !== expected) {
    throw new AppError(
      'ARTIFACT_INVALID',
      `${dir}: the background's arrays are ${got}; expected ${expected}, of at least one row. Train again.`,
      { details: { dir } },
    )
  }
  return {
    rowCount,
    numeric: numeric.data as Float32Array,
    categorical: categorical.data as Int32Array,
    texts: texts.data as Float32Array,
  }
}
