import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError, toAppError } from '../../errors.ts'
import type { Tensor } from '../scorer.ts'
import { dtypeOf, encodeArray } from './arrays.ts'
import { syncFolder, writeDurably } from './durable-files.ts'
import { artifactFormatVersion, type Golden, goldenSchema, type Manifest, manifestSchema } from './manifest.ts'

export const networkFile = 'model.onnx'
export const goldenFile = 'golden.json'
export const manifestFile = 'manifest.json'

/** A trained model as it goes to disk. */
export interface ArtifactContent {
  readonly network: Uint8Array // ONNX
  readonly golden: Golden
  readonly arrays: Readonly<Record<string, Tensor>>
  /** JSON files by file name. */
  readonly json: Readonly<Record<string, unknown>>
  /** Everything of the manifest that does not follow from the files. */
  readonly manifest: Omit<Manifest, 'formatVersion' | 'arrays' | 'files'>
}

/**
 * Writes an artifact folder: network, golden batch, arrays, JSON files and a manifest with the sha256 of each. The folder appears
 * under its name only when all of it is on the disk.
 *
 * @param dir must not exist yet
 * @returns the manifest as written
 * @throws AppError ARTIFACT_INVALID (a manifest or golden batch that breaks its schema, e.g. a metric that is NaN) | CONFLICT | DISK_FULL
 */
export async function writeArtifact(dir: string, content: ArtifactContent): Promise<Manifest> {
  const temporary = `${dir}.tmp-${randomUUID()}`
  try {
    await mkdir(temporary, { recursive: true })
    const manifest = await writeFiles(temporary, content)
    await syncFolder(temporary)
    await rename(temporary, dir)
    await syncFolder(dirname(dir))
    return manifest
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOTEMPTY' || code === 'EEXIST') {
      throw new AppError('CONFLICT', `There is already an artifact in ${dir}. Write to a folder that does not exist.`)
    }
    throw toAppError(error, 'ARTIFACT_INVALID')
  }
}

async function writeFiles(dir: string, content: ArtifactContent): Promise<Manifest> {
  const files: Manifest['files'] = {}
  const arrays: Manifest['arrays'] = {}
  const put = async (file: string, data: string | Uint8Array): Promise<void> => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    if (file !== basename(file)) {
      throw new AppError('ARTIFACT_INVALID', `Expected a plain file name, got ${JSON.stringify(file)}. Fix the job.`)
    }
    if (files[file] !== undefined || file === manifestFile) {
      throw new AppError('ARTIFACT_INVALID', `Two parts of the artifact want the file ${file}. Rename one in the job.`)
    }
    await writeDurably(join(dir, file), bytes)
    files[file] = { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') }
  }
  await put(networkFile, content.network)
  await put(goldenFile, JSON.stringify(checked(goldenFile, goldenSchema, content.golden)))
  for (const [name, tensor] of Object.entries(content.arrays)) {
    const file = `${name}.${dtypeOf(tensor.data)}`
    await put(file, encodeArray(name, tensor))
    arrays[name] = { file, dtype: dtypeOf(tensor.data), shape: [...tensor.shape] }
  }
  for (const [file, value] of Object.entries(content.json)) await put(file, JSON.stringify(value))

  const manifest = checked(manifestFile, manifestSchema, {
    formatVersion: artifactFormatVersion,
    ...content.manifest,
    arrays,
    files,
  })
  await writeDurably(join(dir, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

function checked<T>(
  file: string,
  schema: { safeParse(value: unknown): { success: boolean; data?: T; error?: { message: string } } },
  value: unknown,
): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data as T
  throw new AppError(
    'ARTIFACT_INVALID',
    `${file} would break its schema: ${result.error?.message}. Fix the job that makes it.`,
  )
}
