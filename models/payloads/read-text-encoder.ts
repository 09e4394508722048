import { AppError } from '../../errors.ts'
import type { TextEncoder } from '../../features/transforms/text-encoder.ts'
import type { Manifest } from '../artifact/manifest.ts'
import { readArtifactArray } from '../artifact/read-artifact.ts'
import { type TabularFeatures, textArray } from './tabular.ts'

/**
 * What makes numbers of the texts that a tabular model reads; undefined where it reads none.
 *
 * @param dir its artifact
 * @throws AppError ARTIFACT_INVALID when table, terms and fields do not fit each other
 */
export async function readTextEncoder(
  dir: string,
  manifest: Manifest,
  { texts, numeric }: TabularFeatures,
): Promise<TextEncoder | undefined> {
  if (texts === null) return undefined
  const { shape, data } = await readArtifactArray(dir, manifest, textArray)
  const width = numeric.filter(({ source }) => source === 'text').length
  const terms = texts.terms.reduce((sum, names) => sum + names.length, 0)
  if (shape[0] !== terms || shape[1] !== width || texts.idf.length !== terms) {
    throw new AppError(
      'ARTIFACT_INVALID',
      `${dir}: the array ${textArray} is [${shape}] and has ${texts.idf.length} weights; expected [${terms}, ${width}]. Train again.`,
      { details: { dir } },
    )
  }
  return {
    vocabulary: { terms: texts.terms, idf: Float32Array.from(texts.idf) },
    width,
    table: data as Float32Array,
  }
}
