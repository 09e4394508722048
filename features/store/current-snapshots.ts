import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { FeatureView } from '../definitions/feature-view.ts'
import { readManifest, type Snapshot, type SnapshotManifest } from './snapshot-manifest.ts'

/**
 * The snapshots of a view, which must have been built with its present definition.
 *
 * @throws AppError STORE_FAILED (never built) | FEATURES_CHANGED (built with another definition)
 */
export async function currentSnapshots(viewDir: string, view: FeatureView): Promise<SnapshotManifest> {
  const manifest = await readManifest(viewDir)
  if (manifest === undefined || manifest.snapshots.length === 0) {
    throw new AppError(
      'STORE_FAILED',
      `Expected snapshots of the feature view ${view.name} in ${viewDir}, found none. Run \`contentflow features build\`.`,
    )
  }
  if (manifest.schemaHash !== view.schemaHash) {
    throw new AppError(
      'FEATURES_CHANGED',
      `The snapshots in ${viewDir} were built with definition ${manifest.schemaHash.slice(0, 12)} of ${view.name}; the code has ${view.schemaHash.slice(0, 12)}. Run \`contentflow features build\`.`,
    )
  }
  return manifest
}

/**
 * Full path of a snapshot.
 *
 * @throws AppError STORE_FAILED naming the file when it is gone, or has another size than when it was written
 */
export async function snapshotFile(viewDir: string, { file, bytes }: Snapshot): Promise<string> {
  const path = join(viewDir, file)
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  )
  if (size === bytes) return path
  throw new AppError(
    'STORE_FAILED',
    `Expected ${bytes} bytes in the feature snapshot ${path}, found ${size ?? 'no file'}. Run \`contentflow features build --full\`.`,
    { details: { file: path } },
  )
}
