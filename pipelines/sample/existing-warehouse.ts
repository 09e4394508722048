import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../errors.ts'
import { marts } from '../../features/marts/index.ts'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import { readMeta } from '../../features/sources/warehouse-tables.ts'
import { isAlive } from '../../models/registry/folder-lock.ts'
import type { SampleWorld } from './world.ts'

/** Raise it when the generator makes other rows from the same seed: then an old sample counts as another world. */
const generatorVersion = 1

/** What identifies a world; kept in the warehouse. */
export const sampleKey = (world: SampleWorld): string =>
  `size=${world.size} seed=${world.seed} days=${world.days} generator=${generatorVersion}`

export type ExistingWarehouse =
  | { readonly kind: 'none' }
  | { readonly kind: 'sample'; readonly key: string; readonly rows: Readonly<Record<string, number>> }
  | { readonly kind: 'real'; readonly rows: Readonly<Record<string, number>> }

/** Looks at what the embedded warehouse holds; one without any row counts as none. @throws AppError WAREHOUSE_FAILED when locked */
export async function inspectWarehouse(options: {
  readonly path: string
  readonly schema: string
  readonly duckdb: { readonly memoryMb: number; readonly threads: number | undefined }
}): Promise<ExistingWarehouse> {
  const { path, schema, duckdb } = options
  if (!existsSync(path)) return { kind: 'none' }
  // Opened for writing, so that a write-ahead log left by a killed process is merged into the file, not left beside its successor.
  const database = await DuckDbDatabase.open({ path, schema, ...duckdb })
  try {
    const rows = await countRows(database)
    if (Object.values(rows).every((count) => count === 0)) return { kind: 'none' }
    if ((await readMeta(database, schema, 'synthetic')) !== 'true') return { kind: 'real', rows }
    return { kind: 'sample', key: (await readMeta(database, schema, 'sample_world')) ?? '', rows }
  } finally {
    await database.close()
  }
}

/** @throws AppError CONFLICT when imported data stands where the sample should go */
export function refuseRealData(existing: ExistingWarehouse, path: string): void {
  if (existing.kind !== 'real') return
  const filled = Object.entries(existing.rows).filter(([, count]) => count > 0)
  throw new AppError(
    'CONFLICT',
    `Expected no warehouse, or an earlier sample, at ${path}; it holds data that the sample generator did not make (${filled
      .map(([mart, count]) => `${mart}: ${count} rows`)
      .join(', ')}). Nothing was changed. Choose another folder with DATA_DIR, or move that file away.`,
    { details: { path, rows: existing.rows } },
  )
}

/** Rows of each mart that exists. */
export async function countRows(database: Pick<DuckDbDatabase, 'rows'>): Promise<Readonly<Record<string, number>>> {
  const found = await database.rows(
    `select table_name from information_schema.tables where table_schema = current_schema()`,
  )
  const tables = new Set(found.map((row) => String(row.table_name)))
  const counts: Record<string, number> = {}
  for (const { name } of marts) {
    if (!tables.has(name)) continue
    const [row] = await database.rows(`select count(*) as n from ${name}`)
    counts[name] = Number(row!.n)
  }
  return counts
}

/** Removes the unfinished files of generators that were killed. */
export async function removeDeadDrafts(path: string): Promise<void> {
  const prefix = `${basename(path)}.draft-`
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix)) continue
    const pid = Number.parseInt(name.slice(prefix.length), 10)
    // our own id: a restarted container gives every process the same one
    if (pid === process.pid || !isAlive(pid)) await rm(join(dirname(path), name), { recursive: true, force: true })
  }
}
