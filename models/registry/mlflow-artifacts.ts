import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { MlflowClient } from '#mlflow-client'
import { AppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { replaceDurably } from '../artifact/durable-files.ts'
import { type Manifest, manifestSchema } from '../artifact/manifest.ts'
import { verifyArtifact } from '../artifact/read-artifact.ts'
import { manifestFile } from '../artifact/write-artifact.ts'
import { mlmodelFile } from './mlmodel.ts'

/** Fetched versions are kept for the next start; beyond this many per model the longest unused go. */
const cachedVersions = 8

/** Where the files of a version lie in MLflow, and what its manifest must hash to. */
export interface StoredArtifact {
  readonly modelId: string
  readonly manifestSha256: string
}

/** Uploads an artifact folder, verified, and an MLmodel file beside it. @returns the sha256 of its manifest */
export async function uploadArtifact(
  mlflow: MlflowClient,
  artifactUri: string,
  dir: string,
  manifest: Manifest,
  link: { readonly modelId: string; readonly runId: string | undefined },
): Promise<string> {
  for (const file of Object.keys(manifest.files)) await mlflow.artifacts.uploadFile(artifactUri, file, join(dir, file))
  await mlflow.artifacts.upload(artifactUri, 'MLmodel', mlmodelFile(manifest, link.modelId, link.runId))
  const bytes = await readFile(join(dir, manifestFile))
  await mlflow.artifacts.upload(artifactUri, manifestFile, bytes)
  return sha256(bytes)
}

/**
 * The manifest of a stored version, downloaded once and kept in `cacheDir`.
 *
 * @throws AppError ARTIFACT_INVALID when it is not the one that was registered
 */
export async function cachedManifest(
  mlflow: MlflowClient,
  stored: StoredArtifact,
  cacheDir: string,
): Promise<Manifest> {
  const path = join(cacheDir, `${stored.modelId}.json`)
  const kept = await readFile(path).catch(() => undefined)
  if (kept !== undefined && sha256(kept) === stored.manifestSha256) return parseManifest(stored, kept)
  const { info } = await mlflow.loggedModels.get(stored.modelId)
  const bytes = await mlflow.artifacts.download(info.artifactUri, manifestFile)
  checkManifest(stored, bytes)
  await mkdir(cacheDir, { recursive: true })
  await replaceDurably(path, bytes)
  return parseManifest(stored, bytes)
}

function parseManifest(stored: StoredArtifact, bytes: Uint8Array): Manifest {
  const parsed = manifestSchema.safeParse(JSON.parse(Buffer.from(bytes).toString()))
  if (parsed.success) return parsed.data
  throw new AppError(
    'ARTIFACT_INVALID',
    `The manifest of logged model ${stored.modelId} is of another version of ContentFlow: ${parsed.error.message}. Train again.`,
  )
}

/**
 * A verified folder with the files of a stored version, downloaded unless it is in `cacheDir` already.
 *
 * @throws AppError ARTIFACT_INVALID when what MLflow holds is not what was registered
 */
export async function cachedArtifact(
  mlflow: MlflowClient,
  stored: StoredArtifact,
  cacheDir: string,
  log: Logger,
): Promise<string> {
  const dir = join(cacheDir, stored.modelId)
  if ((await stat(dir).catch(() => undefined)) !== undefined) {
    try {
      await verifyArtifact(dir, stored.manifestSha256)
      const now = new Date()
      await utimes(dir, now, now) // it was used: see removeOldest
      return dir
    } catch (error) {
      log.warn({ dir, err: error }, 'a cached artifact is damaged: downloading it again')
      await rm(dir, { recursive: true, force: true })
    }
  }
  const temporary = `${dir}.tmp-${randomUUID()}`
  await mkdir(temporary, { recursive: true })
  try {
    await download(mlflow, stored, temporary)
    // Another process may have been faster; its copy is as good.
    await rename(temporary, dir).catch(() => verifyArtifact(dir, stored.manifestSha256))
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  await removeOldest(cacheDir, dir)
  return dir
}

async function download(mlflow: MlflowClient, stored: StoredArtifact, dir: string): Promise<void> {
  const { artifactUri } = (await mlflow.loggedModels.get(stored.modelId)).info
  await mlflow.artifacts.downloadFile(artifactUri, manifestFile, join(dir, manifestFile))
  const bytes = await readFile(join(dir, manifestFile))
  checkManifest(stored, bytes)
  const { files } = manifestSchema.pick({ files: true }).strip().parse(JSON.parse(bytes.toString()))
  for (const file of Object.keys(files)) await mlflow.artifacts.downloadFile(artifactUri, file, join(dir, file))
  await verifyArtifact(dir)
}

function checkManifest(stored: StoredArtifact, bytes: Uint8Array): void {
  const got = sha256(bytes)
  if (got === stored.manifestSha256) return
  throw new AppError(
    'ARTIFACT_INVALID',
    `${manifestFile} of logged model ${stored.modelId}: expected sha256 ${stored.manifestSha256}, got ${got}: it was changed after registration. Roll back to another version, or train again.`,
  )
}

async function removeOldest(cacheDir: string, keep: string): Promise<void> {
  const folders: { path: string; usedAt: number }[] = []
  for (const entry of await readdir(cacheDir, { withFileTypes: true })) {
    const path = join(cacheDir, entry.name)
    if (entry.isDirectory() && path !== keep && !entry.name.includes('.tmp-')) {
      folders.push({ path, usedAt: (await stat(path)).mtimeMs })
    }
  }
  folders.sort((a, b) => b.usedAt - a.usedAt)
  for (const { path } of folders.slice(cachedVersions - 1)) await rm(path, { recursive: true, force: true })
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
