import { randomUUID } from 'node:crypto'
import {
  filterText,
  type MlflowClient,
  MlflowConnectionError,
  MlflowNotFoundError,
  type ModelVersion as StoredVersion,
  type Tag,
} from '#mlflow-client'
import type { Manifest } from '../artifact/manifest.ts'
import { metricName } from './metric-name.ts'
import { type StoredArtifact, uploadArtifact } from './mlflow-artifacts.ts'
import { registrationTag, tagOf } from './mlflow-tags.ts'

/** Versions of a registered model, oldest first; none for a name MLflow does not know. */
export async function storedVersions(mlflow: MlflowClient, name: string): Promise<StoredVersion[]> {
  const versions: StoredVersion[] = []
  for await (const version of mlflow.modelVersions.search({ filter: `name = ${filterText(name)}` }))
    versions.push(version)
  return versions.sort((a, b) => Number(a.version) - Number(b.version))
}

/**
 * Uploads an artifact as a logged model, linked to its run and with its held-out metrics. Until the last file is there the logged
 * model is PENDING; when an upload fails it is marked so, and nothing else refers to it.
 */
export async function logModel(
  mlflow: MlflowClient,
  experimentId: string,
  artifactDir: string,
  manifest: Manifest,
): Promise<StoredArtifact> {
  const runId = await knownRun(mlflow, manifest.runId)
  const { info } = await mlflow.loggedModels.create({
    experimentId,
    name: manifest.model,
    modelType: 'contentflow',
    ...(runId === undefined ? {} : { sourceRunId: runId }),
    tags: [{ key: 'contentflow.run_id', value: manifest.runId }],
  })
  const { modelId } = info
  try {
    const manifestSha256 = await uploadArtifact(mlflow, info.artifactUri, artifactDir, manifest, { modelId, runId })
    await mlflow.loggedModels.finalize(modelId, 'LOGGED_MODEL_READY')
    if (runId !== undefined) await linkToRun(mlflow, runId, modelId, manifest)
    return { modelId, manifestSha256 }
  } catch (error) {
    await mlflow.loggedModels.finalize(modelId, 'LOGGED_MODEL_UPLOAD_FAILED').catch(() => undefined)
    throw error
  }
}

async function linkToRun(mlflow: MlflowClient, runId: string, modelId: string, manifest: Manifest): Promise<void> {
  await mlflow.runs.logOutputs(runId, [{ modelId, step: 0 }])
  const metrics = manifest.metrics.map(({ metric, model }) => ({
    key: metricName(`test/${metric}`),
    value: model.value,
    modelId,
  }))
  await mlflow.runs.logBatch(runId, { metrics })
}

/** The run in MLflow that an artifact came from; undefined when it was trained elsewhere. */
async function knownRun(mlflow: MlflowClient, runId: string): Promise<string | undefined> {
  try {
    return (await mlflow.runs.get(runId)).info.runId
  } catch (error) {
    if (error instanceof MlflowNotFoundError) return undefined
    throw error
  }
}

/** Creates a version once, also when the answer is lost: then it is looked for by a tag of its own. @returns its number */
export async function createVersion(
  mlflow: MlflowClient,
  name: string,
  modelId: string,
  tags: readonly Tag[],
): Promise<string> {
  const registration = { key: registrationTag, value: randomUUID() }
  const body = { name, source: `models:/${modelId}`, modelId, tags: [registration, ...tags] }
  try {
    return (await mlflow.modelVersions.create(body)).version
  } catch (error) {
    if (!(error instanceof MlflowConnectionError)) throw error
    const versions = await storedVersions(mlflow, name)
    const made = versions.find((version) => tagOf(version, registrationTag) === registration.value)
    return (made ?? (await mlflow.modelVersions.create(body))).version
  }
}
