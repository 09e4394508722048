import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../errors.ts'

const headerSchema = z.strictObject({
  identity: z.record(z.string(), z.unknown()),
  history: z.array(z.strictObject({ epoch: z.number(), loss: z.number(), validation: z.number().nullable() })),
  bestEpoch: z.number().int(),
  steps: z.number().int(),
})

/** What a checkpoint says beside its arrays. `identity` is what must be equal for resuming to make sense. */
export type CheckpointHeader = z.infer<typeof headerSchema>

/**
 * Writes a checkpoint so that a kill at any moment leaves the old one or the new one, never half of it.
 *
 * The file: length of the header (uint32, little-endian), header (JSON), then all arrays one after the other (float32).
 */
export async function writeCheckpoint(
  file: string,
  header: CheckpointHeader,
  arrays: readonly Float32Array[],
): Promise<void> {
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  const parts = arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))
  await mkdir(dirname(file), { recursive: true })
  const half = `${file}.partial`
  await writeFile(half, Buffer.concat([length, json, ...parts]))
  await rename(half, file)
}

/**
 * Reads a checkpoint into arrays of the same sizes.
 *
 * @returns its header, or undefined when there is no file
 * @throws AppError CONFLICT when it belongs to other data or other options, or is damaged
 */
export async function readCheckpoint(
  file: string,
  identity: CheckpointHeader['identity'],
  arrays: readonly Float32Array[],
): Promise<CheckpointHeader | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  const header = parseHeader(file, bytes)
  if (JSON.stringify(header.identity) !== JSON.stringify(identity)) {
    throw new AppError(
      'CONFLICT',
      `${file} was written by a training with other data or options; expected the same ones. Train without --resume.`,
      { details: { expected: identity, got: header.identity } },
    )
  }
  let offset = 4 + bytes.readUInt32LE(0)
  const size = arrays.reduce((sum, { byteLength }) => sum + byteLength, offset)
  if (bytes.length !== size) throw damaged(file, `it has ${bytes.length} bytes, expected ${size}`)
  for (const array of arrays) {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(
      bytes.subarray(offset, offset + array.byteLength),
    )
    offset += array.byteLength
  }
  return header
}

function parseHeader(file: string, bytes: Buffer): CheckpointHeader {
  try {
    return headerSchema.parse(JSON.parse(bytes.subarray(4, 4 + bytes.readUInt32LE(0)).toString()))
  } catch (cause) {
    throw damaged(file, 'its header is unreadable', cause)
  }
}

const damaged = (file: string, why: string, cause?: unknown): AppError =>
  new AppError('CONFLICT', `The checkpoint ${file} is damaged: ${why}. Remove it, or train without --resume.`, {
    cause,
  })
