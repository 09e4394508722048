import { randomBytes } from 'node:crypto'
import type { Config } from '../../config.ts'
import { AppError, toAppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Progress } from '../../progress.ts'
import type { FeatureView } from '../definitions/feature-view.ts'
import { featureViews } from '../definitions/index.ts'
import { DuckDbDatabase } from '../sources/duckdb-database.ts'
import type { MartSource } from '../sources/mart-source.ts'
import { readMeta } from '../sources/warehouse-tables.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { factsUntilSql, materialiseContents, materialiseCreators } from './materialise-cards.ts'
import { materialiseHistories } from './materialise-histories.ts'
import { eraseOptOuts, markOptOuts } from './materialise-opt-outs.ts'
import { materialiseView } from './materialise-view.ts'
import { currentKey, versionKey, versionPrefix, versionsPrefix } from './online-keys.ts'
import { encodeJson, type OnlineMeta, parseMeta } from './online-meta.ts'
import { openKeyValueStore } from './open-online-store.ts'

export interface MaterialiseOptions {
  readonly source: MartSource
  readonly config: Pick<Config, 'featuresDir' | 'online' | 'duckdb' | 'warehouse'>
  /** All views by default. */
  readonly views?: readonly FeatureView[]
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly log: Logger
  /** Seconds since 1970, UTC; the clock's by default. */
  readonly now?: number
}

export interface MaterialiseResult {
  readonly version: string
  /** The moment the features describe, seconds since 1970, UTC. */
  readonly asOf: number
  readonly rows: Readonly<Record<string, number>>
  readonly contents: number
  readonly creators: number
  /** People with a history. */
  readonly histories: number
  readonly seconds: number
}

/** A bulk write may wait longer for a server than a request may. */
const writeTimeoutMs = 30_000

/**
 * Publishes the latest snapshots, the catalogue and the histories to the online store as one new version, and switches to it.
 *
 * Readers see the version before until the switch, which is one write; a kill midway leaves it current, and the next run removes the
 * remains. Live events are not part of a version and survive, but for those of people who withdrew their consent or left.
 *
 * @throws AppError STORE_FAILED (no snapshots, store unreachable) | FEATURES_CHANGED | WAREHOUSE_FAILED | DISK_FULL | CANCELLED
 */
export async function materialise(options: MaterialiseOptions): Promise<MaterialiseResult> {
  const { config, log } = options
  const store = await openKeyValueStore(config, log, writeTimeoutMs)
  try {
    const engine = await DuckDbDatabase.open({ path: ':memory:', ...config.duckdb })
    try {
      return await writeVersion(options, store, engine)
    } finally {
      await engine.close()
    }
  } catch (error) {
    throw toAppError(error, 'STORE_FAILED')
  } finally {
    await store.close()
  }
}

async function writeVersion(
  options: MaterialiseOptions,
  store: KeyValueStore,
  engine: DuckDbDatabase,
): Promise<MaterialiseResult> {
  const { source, config, views = featureViews, progress, signal, log } = options
  const started = performance.now()
  const now = options.now ?? Date.now() / 1000
  const [currentBytes] = await store.getMany([currentKey])
  // Data of an unknown form is not kept readable: it is being replaced.
  const current = currentBytes === undefined ? undefined : tolerantMeta(currentBytes)
  await removeVersions(store, current === undefined ? [] : [current.version, current.previous ?? ''])

  const version = `${new Date(now * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}-${randomBytes(3).toString('hex')}`
  await store.putMany([[versionKey(version), encodeJson({})]])
  const steps = views.length + 3
  const step = (index: number, label: string): void => {
    signal.throwIfAborted()
    progress.update('materialise', index, steps, label)
  }
  const written: OnlineMeta['views'] = []
  for (const [index, view] of views.entries()) {
    step(index, view.name)
    written.push(await materialiseView(store, engine, config.featuresDir, view, version, now, log, signal))
  }
  const asOf = Math.max(...written.map((view) => view.asOf))
  step(views.length, 'contents')
  const [last] = await source.rows(factsUntilSql, [new Date(asOf * 1000), new Date(now * 1000)])
  const contents = await materialiseContents(store, source, version, asOf)
  if (contents.count === 0) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      'Expected contents to recommend in dim_content, found none published by then. Import them, e.g. `contentflow import csv dim_content …`; the store keeps what it had.',
    )
  }
  step(views.length + 1, 'creators')
  const creators = await materialiseCreators(store, source, version)
  step(views.length + 2, 'histories')
  const histories = await materialiseHistories(store, source, version, signal)
  await markOptOuts(store, source, version, signal)
  const synthetic = (await readMeta(source, config.warehouse.schema, 'synthetic')) === 'true'

  signal.throwIfAborted()
  await store.flush()
  const meta: OnlineMeta = {
    formatVersion: 1,
    version,
    previous: current?.version ?? null,
    createdAt: new Date().toISOString(),
    synthetic,
    views: written,
    contentBlocks: contents.blocks,
    creatorBlocks: creators.blocks,
    facts: { until: Number(last?.until ?? 0), readAt: now },
  }
  await store.putMany([[currentKey, encodeJson(meta)]])
  await store.flush()
  await eraseOptOuts(store, source, current)
  await removeVersions(store, [version, meta.previous ?? ''])
  const seconds = (performance.now() - started) / 1000
  progress.done('materialise', `${version}, ${seconds.toFixed(1)} s`)
  return {
    version,
    asOf,
    rows: Object.fromEntries(written.map((view) => [view.name, view.rows])),
    contents: contents.count,
    creators: creators.count,
    histories,
    seconds,
  }
}

function tolerantMeta(bytes: Uint8Array): OnlineMeta | undefined {
  try {
    return parseMeta(bytes)
  } catch {
    return undefined
  }
}

async function removeVersions(store: KeyValueStore, keep: readonly string[]): Promise<void> {
  for await (const marks of store.keys(versionsPrefix)) {
    for (const mark of marks) {
      const version = mark.slice(versionsPrefix.length)
      if (keep.includes(version)) continue
      for await (const keys of store.keys(versionPrefix(version))) await store.remove(keys)
      // The mark goes last, so that a kill in between does not lose track of the rest.
      await store.remove([mark])
    }
  }
}
