import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { Tensor } from '../scorer.ts'
import { decodeArray } from './arrays.ts'
import { artifactFormatVersion, type Golden, goldenSchema, type Manifest, manifestSchema } from './manifest.ts'
import { goldenFile, manifestFile } from './write-artifact.ts'

const remedy = 'Fetch this version again, roll back to another one, or train again.'

const invalid = (dir: string, file: string, problem: string, cause?: unknown): AppError =>
  new AppError('ARTIFACT_INVALID', `${join(dir, file)}: ${problem}. ${remedy}`, { cause, details: { dir, file } })

/**
 * The manifest of an artifact folder, against its schema; the other files are not touched.
 *
 * @param sha256 what the manifest itself must hash to, where it was recorded: it vouches for the other files, and only this for it
 * @throws AppError ARTIFACT_INVALID naming the file, the field and what was expected
 */
export async function readManifest(dir: string, sha256?: string): Promise<Manifest> {
  const bytes = await readBytes(dir, manifestFile)
  const got = sha256Of(bytes)
  if (sha256 !== undefined && got !== sha256) {
    throw invalid(dir, manifestFile, `expected sha256 ${sha256}, got ${got}: it was changed after registration`)
  }
  const value = parseJson(dir, manifestFile, bytes)
  const format = z.object({ formatVersion: z.unknown() }).safeParse(value)
  if (format.success && format.data.formatVersion !== artifactFormatVersion) {
    throw invalid(
      dir,
      manifestFile,
      `expected format version ${artifactFormatVersion}, got ${JSON.stringify(format.data.formatVersion)}: it was written by another version of ContentFlow`,
    )
  }
  const manifest = validate(dir, manifestFile, manifestSchema, value)
  for (const file of Object.keys(manifest.files)) {
    if (file !== basename(file)) throw invalid(dir, manifestFile, `file ${JSON.stringify(file)} is not a plain name`)
  }
  return manifest
}

/** The sha256 of an artifact's manifest, as `readManifest` compares it. @throws AppError ARTIFACT_INVALID when there is none */
export async function manifestSha256(dir: string): Promise<string> {
  return sha256Of(await readBytes(dir, manifestFile))
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Reads the manifest and compares size and sha256 of every file with it.
 *
 * @param manifestHash what the manifest itself must hash to, where it was recorded
 * @throws AppError ARTIFACT_INVALID naming the first file that is missing, cut off or changed
 */
export async function verifyArtifact(dir: string, manifestHash?: string): Promise<Manifest> {
  const manifest = await readManifest(dir, manifestHash)
  for (const [file, expected] of Object.entries(manifest.files)) {
    const size = (await stat(join(dir, file)).catch(() => undefined))?.size
    if (size === undefined) throw invalid(dir, file, `expected ${expected.bytes} bytes, but there is no such file`)
    if (size !== expected.bytes) throw invalid(dir, file, `expected ${expected.bytes} bytes, got ${size}`)
    const hash = createHash('sha256')
    await pipeline(createReadStream(join(dir, file)), hash)
    const sha256 = hash.digest('hex')
    if (sha256 !== expected.sha256) throw invalid(dir, file, `expected sha256 ${expected.sha256}, got ${sha256}`)
  }
  return manifest
}

/** The golden batch of an artifact. @throws AppError ARTIFACT_INVALID */
export function readGolden(dir: string): Promise<Golden> {
  return readArtifactJson(dir, goldenFile, goldenSchema)
}

/** One JSON file of the payload, against its schema from models/payloads. @throws AppError ARTIFACT_INVALID */
export async function readArtifactJson<T>(dir: string, file: string, schema: z.ZodType<T>): Promise<T> {
  return validate(dir, file, schema, parseJson(dir, file, await readBytes(dir, file)))
}

/** One typed array of the payload. @throws AppError ARTIFACT_INVALID when the manifest does not list it or its bytes do not fit its shape */
export async function readArtifactArray(dir: string, manifest: Manifest, name: string): Promise<Tensor> {
  const entry = manifest.arrays[name]
  if (entry === undefined) {
    const known = Object.keys(manifest.arrays).join(', ') || 'none'
    throw invalid(dir, manifestFile, `expected an array ${name}, got ${known}`)
  }
  return decodeArray(join(dir, entry.file), await readBytes(dir, entry.file), entry.dtype, entry.shape)
}

async function readBytes(dir: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(dir, file))
  } catch (error) {
    throw invalid(dir, file, 'cannot be read', error)
  }
}

function parseJson(dir: string, file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    throw invalid(dir, file, `is not JSON (${bytes.byteLength} bytes; cut off?)`, error)
  }
}

function validate<T>(dir: string, file: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`)
  throw invalid(dir, file, problems.join('; '))
}
