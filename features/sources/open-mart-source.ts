import type { Config } from '../../config.ts'
import { DuckDbDatabase } from './duckdb-database.ts'
import { DuckDbSource } from './duckdb-source.ts'
import type { MartSource } from './mart-source.ts'
import { PostgresSource } from './postgres-source.ts'

/**
 * Opens the marts that the configuration points to, for reading only.
 *
 * @throws AppError WAREHOUSE_MISSING (no file, no schema) | WAREHOUSE_FAILED (locked, damaged, unreachable)
 */
export async function openMartSource(config: Pick<Config, 'warehouse' | 'duckdb'>): Promise<MartSource> {
  const { warehouse, duckdb } = config
  if (warehouse.kind === 'postgres') return PostgresSource.open(warehouse)
  const { path, schema } = warehouse
  return new DuckDbSource(await DuckDbDatabase.open({ path, schema, ...duckdb, readOnly: true }))
}
