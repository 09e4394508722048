import type { Config } from '../../config.ts'
import { type Logger, silentLogger } from '../../log.ts'
import { DuckDbDatabase } from '../sources/duckdb-database.ts'
import type { OfflineStore } from './offline-store.ts'
import { ParquetStore } from './parquet-store.ts'

/**
 * Opens the snapshots that `contentflow features build` wrote; what is missing is told when features are asked for.
 *
 * @param log told how many examples lie outside the snapshots
 */
export async function openOfflineStore(
  config: Pick<Config, 'featuresDir' | 'duckdb'>,
  log: Logger = silentLogger,
): Promise<OfflineStore> {
  return new ParquetStore(config.featuresDir, await DuckDbDatabase.open({ path: ':memory:', ...config.duckdb }), log)
}
