import { join } from 'node:path'
import type { FeatureField, FeatureView } from '../definitions/feature-view.ts'
import { type FieldStatistics, readManifest } from './snapshot-manifest.ts'

/** A view as it is defined, and as it was last built. */
export interface ViewDescription {
  readonly view: string
  readonly entity: string
  readonly description: string
  readonly owner: string
  readonly ttlSeconds: number
  readonly schemaHash: string
  readonly snapshots: {
    readonly days: number
    readonly first: string
    readonly last: string
    readonly rowsOfLast: number
    readonly builtAt: string
    /** False when they were built with another definition: they are rebuilt by the next `features build`. */
    readonly current: boolean
  } | null
  readonly fields: readonly (FeatureField & { readonly statistics: FieldStatistics | null })[]
}

/** @param dir the folder of all snapshots */
export async function describeFeatures(
  dir: string,
  views: readonly FeatureView[],
): Promise<readonly ViewDescription[]> {
  return Promise.all(
    views.map(async (view): Promise<ViewDescription> => {
      const manifest = await readManifest(join(dir, view.name))
      const last = manifest?.snapshots.at(-1)
      const { name, entity, description, owner, ttlSeconds, schemaHash } = view
      return {
        view: name,
        entity,
        description,
        owner,
        ttlSeconds,
        schemaHash,
        snapshots:
          manifest === undefined || last === undefined
            ? null
            : {
                days: manifest.snapshots.length,
                first: manifest.snapshots[0]!.day,
                last: last.day,
                rowsOfLast: last.rows,
                builtAt: manifest.builtAt,
                current: manifest.schemaHash === schemaHash,
              },
        fields: view.fields.map((field) => ({ ...field, statistics: manifest?.statistics[field.name] ?? null })),
      }
    }),
  )
}
