import { join } from 'node:path'
import type { Logger } from '../../log.ts'
import type { FeatureView } from '../definitions/feature-view.ts'
import type { DuckDbDatabase } from '../sources/duckdb-database.ts'
import type { ColumnType } from '../sources/mart-source.ts'
import { literal } from '../sources/sql-text.ts'
import { currentSnapshots, snapshotFile } from './current-snapshots.ts'
import { dayNumber, daySeconds } from './day.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { dictionaryKey, rowKey } from './online-keys.ts'
import { encodeJson, type ViewMeta } from './online-meta.ts'

/**
 * Writes a view's latest snapshot as packed rows (see `unpackRow`).
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function materialiseView(
  store: KeyValueStore,
  engine: DuckDbDatabase,
  featuresDir: string,
  view: FeatureView,
  version: string,
  now: number,
  log: Logger,
  signal: AbortSignal,
): Promise<ViewMeta> {
  const viewDir = join(featuresDir, view.name)
  const manifest = await currentSnapshots(viewDir, view)
  const latest = manifest.snapshots.at(-1)!
  const file = await snapshotFile(viewDir, latest)
  const asOf = dayNumber(latest.day) * daySeconds
  const columns: Record<string, ColumnType> = { entity_id: 'string' }
  for (const field of view.fields) columns[field.name] = field.dtype === 'category' ? 'string' : 'float64'
  const dictionaries = new Map(
    view.fields.filter((field) => field.dtype === 'category').map((field) => [field.name, new Map<string, number>()]),
  )
  const sql = `select entity_id, ${view.fields.map((field) => field.name).join(', ')} from read_parquet(${literal(file)}, hive_partitioning = false)`
  let rows = 0
  for await (const batch of engine.read(sql, columns)) {
    signal.throwIfAborted()
    const packed = Array.from({ length: batch.rowCount }, () => new Float32Array(view.fields.length))
    for (const [j, field] of view.fields.entries()) {
      if (field.dtype === 'float32') {
        const values = batch.columns[field.name] as Float64Array
        for (let i = 0; i < batch.rowCount; i++) packed[i]![j] = Number.isNaN(values[i]) ? field.default : values[i]!
      } else {
        const dictionary = dictionaries.get(field.name)!
        const values = batch.columns[field.name] as string[]
        for (let i = 0; i < batch.rowCount; i++) packed[i]![j] = values[i] === '' ? -1 : indexIn(dictionary, values[i]!)
      }
    }
    const ids = batch.columns.entity_id as string[]
    await store.putMany(packed.map((row, i) => [rowKey(version, view.name, ids[i]!), new Uint8Array(row.buffer)]))
    rows += batch.rowCount
  }
  const lists = Object.fromEntries([...dictionaries].map(([name, values]) => [name, [...values.keys()]]))
  await store.putMany([[dictionaryKey(version, view.name), encodeJson(lists)]])
  const old = now - asOf > view.ttlSeconds
  if (old) {
    log.warn(
      { view: view.name, asOf: latest.day, ttlSeconds: view.ttlSeconds },
      'the warehouse ends longer ago than the ttl of the view: the features describe that past, and their age counts from now on',
    )
  }
  const { name, entity, schemaHash } = view
  return { name, entity, schemaHash, asOf, ageFrom: old ? now : asOf, rows }
}

function indexIn(dictionary: Map<string, number>, value: string): number {
  const known = dictionary.get(value)
  if (known !== undefined) return known
  dictionary.set(value, dictionary.size)
  return dictionary.size - 1
}
