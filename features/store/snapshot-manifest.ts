import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { writeDurably } from './durable-file.ts'

const fieldStatistics = z.strictObject({
  count: z.number(),
  /** Entities whose value is unknown, and is read as the field's default. */
  nulls: z.number(),
  /** float32 only; null when there is no value at all. */
  numeric: z
    .strictObject({
      min: z.number(),
      max: z.number(),
      mean: z.number(),
      sd: z.number(),
      /** At 1, 5, 25, 50, 75, 95 and 99 %. */
      quantiles: z.array(z.number()).length(7),
    })
    .nullable(),
  /** category only: the most frequent values. */
  top: z.array(z.strictObject({ value: z.string(), count: z.number() })).nullable(),
})

const snapshot = z.strictObject({
  day: z.string(),
  /** Path within the view's folder. */
  file: z.string(),
  bytes: z.number(),
  rows: z.number(),
  /** Fingerprint of what the view read of the days before: when it is no longer the warehouse's, the snapshot is out of date. */
  inputs: z.string(),
})

const manifestSchema = z.strictObject({
  formatVersion: z.literal(1),
  view: z.string(),
  entity: z.enum(['user', 'content', 'creator']),
  schemaHash: z.string(),
  builtAt: z.string(),
  /** Ascending by day. */
  snapshots: z.array(snapshot),
  /** Of the last snapshot. */
  statistics: z.record(z.string(), fieldStatistics),
})

export type SnapshotManifest = z.infer<typeof manifestSchema>
export type Snapshot = z.infer<typeof snapshot>
export type FieldStatistics = z.infer<typeof fieldStatistics>

const fileName = 'manifest.json'

/**
 * What of a view is built; only files named here are ever read.
 *
 * @param viewDir `<features>/<view>`
 * @returns undefined when the view was never built
 * @throws AppError STORE_FAILED when the file is damaged
 */
export async function readManifest(viewDir: string): Promise<SnapshotManifest | undefined> {
  const path = join(viewDir, fileName)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new AppError(
      'STORE_FAILED',
      `Expected a manifest of feature snapshots in ${path}, but it is damaged. Run \`contentflow features build --full\`.`,
      { cause: error },
    )
  }
}

/** Replaces the manifest atomically: the switch from one state of a view to the next. */
export async function writeManifest(viewDir: string, manifest: SnapshotManifest): Promise<void> {
  await writeDurably(join(viewDir, fileName), `${JSON.stringify(manifest, undefined, 1)}\n`)
}
