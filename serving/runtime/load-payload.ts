import { AppError } from '../../errors.ts'
import type { Manifest, ModelName } from '../../models/artifact/manifest.ts'
import { readArtifactArray, readArtifactJson } from '../../models/artifact/read-artifact.ts'
import { churnFiles, churnSchema } from '../../models/payloads/churn.ts'
import { postingTimeFiles, postingTimeSchema } from '../../models/payloads/posting-time.ts'
import { recommenderFiles, recommenderVocabularySchema } from '../../models/payloads/recommender.ts'
import { segmentsFiles, segmentsSchema } from '../../models/payloads/segments.ts'
import { loadTabular } from './load-tabular.ts'
import type { NeighbourLists, Payloads } from './loaded-model.ts'

type Loaders = { readonly [M in ModelName]: (dir: string, manifest: Manifest) => Promise<Payloads[M]> }

const loaders: Loaders = {
  recommender: loadRecommender,
  engagement: loadTabular,
  virality: loadTabular,
  revenue: loadTabular,
  'creator-revenue': loadTabular,
  forecast: loadTabular,
  churn: loadChurn,
  segments: (dir) => readArtifactJson(dir, segmentsFiles.segments, segmentsSchema),
  'posting-time': loadPostingTime,
}

/**
 * What a model carries beside its network, checked and indexed for serving.
 *
 * @throws AppError ARTIFACT_INVALID
 */
export function loadPayload<M extends ModelName>(model: M, dir: string, manifest: Manifest): Promise<Payloads[M]> {
  return loaders[model](dir, manifest)
}

async function loadRecommender(dir: string, manifest: Manifest): Promise<Payloads['recommender']> {
  const vocabulary = await readArtifactJson(dir, recommenderFiles.vocabulary, recommenderVocabularySchema)
  const items = vocabulary.items.length
  const popular = await readArtifactArray(dir, manifest, 'popularItems')
  const popularScores = await readArtifactArray(dir, manifest, 'popularScores')
  checkIndices(dir, 'popularItems', popular.data, items, 0)
  if (popular.data.length !== popularScores.data.length) {
    throw invalid(dir, `popularItems has ${popular.data.length} entries, popularScores ${popularScores.data.length}`)
  }
  return {
    vocabulary,
    userIndex: indexOf(vocabulary.users),
    itemIndex: indexOf(vocabulary.items),
    historyLength: manifest.inputs.find(({ name }) => name === 'history')?.shape[1],
    popularItems: popular.data as Int32Array,
    popularScores: popularScores.data as Float32Array,
    similar: await loadNeighbours(dir, manifest, 'similar', items),
    next: await loadNeighbours(dir, manifest, 'next', items),
  }
}

async function loadNeighbours(
  dir: string,
  manifest: Manifest,
  kind: 'similar' | 'next',
  items: number,
): Promise<NeighbourLists> {
  const neighbours = await readArtifactArray(dir, manifest, `${kind}Items`)
  const scores = await readArtifactArray(dir, manifest, `${kind}Scores`)
  if (neighbours.shape[0] !== items || neighbours.shape.join() !== scores.shape.join()) {
    throw invalid(
      dir,
      `${kind}Items is [${neighbours.shape}] and ${kind}Scores [${scores.shape}], expected [${items}, k]`,
    )
  }
  checkIndices(dir, `${kind}Items`, neighbours.data, items, -1)
  return {
    k: neighbours.shape[1] ?? 0,
    items: neighbours.data as Int32Array,
    scores: scores.data as Float32Array,
  }
}

async function loadChurn(dir: string, manifest: Manifest): Promise<Payloads['churn']> {
  const churn = await readArtifactJson(dir, churnFiles.churn, churnSchema)
  const tabular = await loadTabular(dir, manifest)
  const weeks = churn.baseHazards.length
  const beyond = churn.horizons.find((horizon) => horizon.weeks > weeks)
  if (beyond !== undefined) {
    throw invalid(dir, `the horizon of ${beyond.days} days takes ${beyond.weeks} weeks, and there are ${weeks}`)
  }
  return { ...tabular, ...churn }
}

async function loadPostingTime(dir: string): Promise<Payloads['posting-time']> {
  const { creators } = await readArtifactJson(dir, postingTimeFiles.creators, postingTimeSchema)
  const rowOf = new Map<string, number>()
  for (let row = 1; row < creators.length; row++) {
    const { creatorId, platform, posts } = creators[row]!
    rowOf.set(platformKey(creatorId, platform), row)
    // Without a platform in the question, the platform where the creator posts most answers.
    const known = rowOf.get(creatorId)
    if (known === undefined || creators[known]!.posts < posts) rowOf.set(creatorId, row)
  }
  return { creators, rowOf }
}

/** Key of `rowOf` for a creator on one platform; ids hold no tab. */
export const platformKey = (creatorId: string, platform: string): string => `${creatorId}\t${platform}`

const indexOf = (values: readonly string[]): Map<string, number> =>
  new Map(values.map((value, index) => [value, index]))

function checkIndices(dir: string, name: string, data: ArrayLike<number>, items: number, lowest: number): void {
  for (let i = 0; i < data.length; i++) {
    if (data[i]! >= lowest && data[i]! < items) continue
    throw invalid(dir, `${name}[${i}] is ${data[i]}, expected an item index from ${lowest} to ${items - 1}`)
  }
}

const invalid = (dir: string, problem: string): AppError =>
  new AppError('ARTIFACT_INVALID', `${dir}: ${problem}. Train the model again, or roll back to another version.`)
