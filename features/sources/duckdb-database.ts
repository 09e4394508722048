import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { AppError } from '../../errors.ts'
import { copyChunk, plainValue, typedSelect } from './duckdb-columns.ts'
import type { ColumnBatch, ColumnTypes, SqlParameter } from './mart-source.ts'
import { duckDbError } from './warehouse-error.ts'

export interface DuckDbOptions {
  /** Database file, or `:memory:`. */
  readonly path: string
  readonly memoryMb: number
  /** All cores when undefined. */
  readonly threads?: number | undefined
  /** Schema on the search path; created when the database is writable. */
  readonly schema?: string
  readonly readOnly?: boolean
  /** Whether a missing file (and its folder) is created; else it is WAREHOUSE_MISSING. */
  readonly create?: boolean
}

// DuckDB's defaults for these differ from PostgreSQL's and Redshift's.
const sessionSettings = [
  `set TimeZone = 'UTC'`,
  'set integer_division = true',
  `set default_null_order = 'nulls_last_on_asc_first_on_desc'`,
]

/** One DuckDB database, embedded: the default warehouse, and the engine under imports and the feature store. */
export class DuckDbDatabase {
  readonly path: string
  readonly #instance: DuckDBInstance
  readonly #main: DuckDBConnection
  readonly #schema: string | undefined

  private constructor(path: string, instance: DuckDBInstance, main: DuckDBConnection, schema: string | undefined) {
    this.path = path
    this.#instance = instance
    this.#main = main
    this.#schema = schema
  }

  /** @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED (locked by another process, not a DuckDB file) | DISK_FULL */
  static async open(options: DuckDbOptions): Promise<DuckDbDatabase> {
    const { path, schema, readOnly = false, create = false } = options
    const inMemory = path === ':memory:'
    if (!inMemory && !existsSync(path)) {
      if (!create || readOnly) throw warehouseMissing(path)
      await mkdir(dirname(path), { recursive: true })
    }
    let instance: DuckDBInstance | undefined
    try {
      instance = await DuckDBInstance.create(path, {
        memory_limit: `${options.memoryMb}MB`,
        ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
        ...(readOnly ? { access_mode: 'READ_ONLY' } : {}),
        temp_directory: temporaryFolder(path, inMemory, readOnly),
        // Nothing is fetched from the network behind the user's back.
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      })
      const main = await instance.connect()
      if (schema !== undefined && !readOnly) await main.run(`create schema if not exists "${schema}"`)
      await prepareSession(main, schema, path)
      return new DuckDbDatabase(path, instance, main, schema)
    } catch (error) {
      instance?.closeSync()
      throw duckDbError(error, path)
    }
  }

  /** Runs one or several statements; parameters go to the last. @throws AppError */
  async run(sql: string, parameters: readonly SqlParameter[] = []): Promise<void> {
    try {
      await this.#main.run(sql, parameters.map(toDuckDb))
    } catch (error) {
      throw duckDbError(error, this.path, sql)
    }
  }

  /** A small result as row objects; timestamps and dates are seconds since 1970, UTC. @throws AppError */
  async rows(
    sql: string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<Record<string, string | number | boolean | null>[]> {
    try {
      const reader = await this.#main.runAndReadAll(sql, parameters.map(toDuckDb))
      const names = reader.columnNames()
      const types = reader.columnTypes()
      return reader
        .getRows()
        .map((row) => Object.fromEntries(row.map((value, j) => [names[j]!, plainValue(value, types[j]!)])))
    } catch (error) {
      throw duckDbError(error, this.path, sql)
    }
  }

  /**
   * Streams a SELECT, see `MartSource.read`. It runs on a connection of its own, so it sees committed rows and no temporary tables,
   * and may run beside other statements.
   */
  async *read<C extends ColumnTypes>(
    sql: string,
    columns: C,
    parameters: readonly SqlParameter[] = [],
  ): AsyncGenerator<ColumnBatch<C>, void, undefined> {
    let connection: DuckDBConnection | undefined
    try {
      connection = await this.#instance.connect()
      await prepareSession(connection, this.#schema, this.path)
      const result = await connection.stream(typedSelect(sql, columns), parameters.map(toDuckDb))
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) return
        yield copyChunk(chunk, columns)
      }
    } catch (error) {
      throw duckDbError(error, this.path, sql)
    } finally {
      connection?.closeSync()
    }
  }

  /**
   * Appends rows to an existing table, column by column.
   *
   * @param table bare name; a temporary table or one of the schema on the search path
   * @param columns the table's columns in its order, all of one length. Float64Array → DOUBLE, Int32Array → INTEGER, strings → VARCHAR
   */
  async append(table: string, columns: readonly (Float64Array | Int32Array | readonly string[])[]): Promise<void> {
    const rowCount = columns[0]?.length ?? 0
    const step = 2048 // the size of a DuckDB chunk
    try {
      const appender = await this.#main.createAppender(table)
      const types = columns.map((_, j) => appender.columnType(j))
      for (let start = 0; start < rowCount; start += step) {
        const end = Math.min(start + step, rowCount)
        const chunk = DuckDBDataChunk.create(types, end - start)
        for (const [j, column] of columns.entries()) {
          chunk.setColumnValues(j, Array.from<string | number>(column.slice(start, end)))
        }
        appender.appendDataChunk(chunk)
      }
      appender.closeSync()
    } catch (error) {
      throw duckDbError(error, this.path, `append to ${table}`)
    }
  }

  /** Runs `body` in one transaction on the main connection: all of it happens, or nothing. Not reentrant. */
  async transaction<T>(body: () => Promise<T>): Promise<T> {
    await this.run('begin transaction')
    try {
      const result = await body()
      await this.run('commit')
      return result
    } catch (error) {
      // After some errors the transaction is already gone; the first error is the one to tell.
      await this.#main.run('rollback').catch(() => undefined)
      throw error
    }
  }

  async close(): Promise<void> {
    this.#main.closeSync()
    this.#instance.closeSync()
  }
}

async function prepareSession(connection: DuckDBConnection, schema: string | undefined, path: string): Promise<void> {
  for (const statement of sessionSettings) await connection.run(statement)
  if (schema === undefined) return
  const found = await connection.runAndReadAll('select 1 from information_schema.schemata where schema_name = $1', [
    schema,
  ])
  if (found.currentRowCount === 0) throw warehouseMissing(path, `the schema ${schema} in `)
  await connection.run(`set search_path = '${schema}'`)
}

/** Where DuckDB spills to. Databases that share a folder overwrite each other's files, so only a file's one writer has a fixed one. */
function temporaryFolder(path: string, inMemory: boolean, readOnly: boolean): string {
  const own = `${process.pid}-${randomBytes(4).toString('hex')}`
  if (inMemory) return join(tmpdir(), `contentflow-duckdb-${own}`)
  return readOnly ? `${path}.tmp-${own}` : `${path}.tmp`
}

function toDuckDb(value: SqlParameter): DuckDBValue {
  return value instanceof Date ? new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n) : value
}

const warehouseMissing = (path: string, what = 'a warehouse at '): AppError =>
  new AppError(
    'WAREHOUSE_MISSING',
    `Expected ${what}${path}; found none. Run \`contentflow sample\` for a made-up world or \`contentflow import …\` for your data, or set DATA_DIR or WAREHOUSE_URL to where the marts are.`,
    { details: { path } },
  )
