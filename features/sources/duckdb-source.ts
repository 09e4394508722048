import type { DuckDbDatabase } from './duckdb-database.ts'
import type { ColumnBatch, ColumnTypes, MartSource, SqlParameter } from './mart-source.ts'

/** Marts in an embedded DuckDB file. */
export class DuckDbSource implements MartSource {
  readonly dialect = 'duckdb'
  readonly #database: DuckDbDatabase

  /** @param database opened with the marts' schema; closed with this source */
  constructor(database: DuckDbDatabase) {
    this.#database = database
  }

  /** For work that can stay inside the engine: temporary tables and COPY are possible even where the warehouse is read-only. */
  get database(): DuckDbDatabase {
    return this.#database
  }

  read<C extends ColumnTypes>(
    sql: string,
    columns: C,
    parameters: readonly SqlParameter[] = [],
  ): AsyncIterable<ColumnBatch<C>> {
    return this.#database.read(sql, columns, parameters)
  }

  rows(
    sql: string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<Record<string, string | number | boolean | null>[]> {
    return this.#database.rows(sql, parameters)
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}
