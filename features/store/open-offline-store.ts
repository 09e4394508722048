import type { Config } from '../../config.ts'
import { DuckDbDatabase } from '../sources/duckdb-database.ts'
import type { OfflineStore } from './offline-store.ts'
import { ParquetStore } from './parquet-store.ts'

/** Opens the snapshots that `contentflow features build` wrote; what is missing is told when features are asked for. */
export async function openOfflineStore(config: Pick<Config, 'featuresDir' | 'duckdb'>): Promise<OfflineStore> {
  return new ParquetStore(config.featuresDir, await DuckDbDatabase.open({ path: ':memory:', ...config.duckdb }))
}
