import { Pool, type PoolClient, type PoolConfig } from 'pg'
import { AppError, toAppError } from '../../errors.ts'
import { findMart } from '../marts/index.ts'
import type { ColumnBatch, ColumnTypes, MartSource, SqlParameter } from './mart-source.ts'
import { plainTypes, textBatch, textTypes } from './postgres-columns.ts'
import { bindLiterals } from './sql-literal.ts'
import { martMissing, statementFailed } from './warehouse-error.ts'

/** Rows per FETCH: Redshift keeps a cursor's whole result on its leader node, so small batches only add round trips. */
const fetchRows = 10_000

export interface PostgresOptions {
  /** `postgres://…` or `redshift://…`; both speak PostgreSQL's protocol. */
  readonly url: string
  readonly schema: string
  readonly timeoutSeconds: number
}

/** Marts in Redshift or PostgreSQL: read-only transactions, and a cursor for what is large. No real Redshift was reached in tests. */
export class PostgresSource implements MartSource {
  readonly dialect = 'postgres'
  readonly #pool: Pool
  readonly #where: string
  readonly #begin: string

  private constructor(pool: Pool, where: string, begin: string) {
    this.#pool = pool
    this.#where = where
    this.#begin = begin
  }

  /** Connects once, so that a wrong address or password is told at once. @throws AppError WAREHOUSE_FAILED | WAREHOUSE_MISSING */
  static async open({ url, schema, timeoutSeconds }: PostgresOptions): Promise<PostgresSource> {
    const where = placeOf(url)
    const config: PoolConfig = {
      connectionString: url.replace(/^redshift:/, 'postgres:'),
      max: 4,
      connectionTimeoutMillis: 15_000,
      application_name: 'contentflow',
      keepAlive: true,
    }
    const begin = [
      'begin read only',
      `set local statement_timeout to ${timeoutSeconds * 1000}`,
      `set local search_path to "${schema}"`,
      `set local timezone to 'UTC'`,
    ].join('; ')
    const pool = new Pool(config)
    // A connection may break between two statements, idle or in the middle of a read. Without a listener that would end the process;
    // with it the next statement fails, and the pool replaces the connection.
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    const source = new PostgresSource(pool, where, begin)
    try {
      const found = await source.rows('select 1 as one from information_schema.schemata where schema_name = $1', [
        schema,
      ])
      if (found.length > 0) return source
      throw new AppError(
        'WAREHOUSE_MISSING',
        `Expected the schema ${schema} in ${where}; there is none, or this user may not see it. Check WAREHOUSE_SCHEMA and the grants.`,
      )
    } catch (error) {
      await pool.end()
      throw error
    }
  }

  async *read<C extends ColumnTypes>(
    sql: string,
    columns: C,
    parameters: readonly SqlParameter[] = [],
  ): AsyncGenerator<ColumnBatch<C>, void, undefined> {
    const client = await this.#connect()
    try {
      await client.query(this.#begin)
      await client.query(`declare contentflow_rows cursor for ${bindLiterals(sql, parameters)}`)
      for (;;) {
        const result = await client.query<string[]>({
          text: `fetch forward ${fetchRows} from contentflow_rows`,
          rowMode: 'array',
          types: textTypes,
        })
        const batch = textBatch(result, columns)
        if (batch.rowCount > 0) yield batch
        if (batch.rowCount < fetchRows) break
      }
    } catch (error) {
      throw this.#error(error, sql)
    } finally {
      // A consumer that stops early also comes here: the rollback closes the cursor and the connection can be used again.
      await this.#release(client)
    }
  }

  async rows(
    sql: string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<Record<string, string | number | boolean | null>[]> {
    const client = await this.#connect()
    try {
      await client.query(this.#begin)
      const result = await client.query({ text: bindLiterals(sql, parameters), types: plainTypes })
      return result.rows
    } catch (error) {
      throw this.#error(error, sql)
    } finally {
      await this.#release(client)
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (error) {
      const message = error instanceof AggregateError ? String(error.errors[0]?.message) : toAppError(error).message
      throw new AppError(
        'WAREHOUSE_FAILED',
        `Cannot connect to the warehouse at ${this.#where}: ${message}. Check WAREHOUSE_URL, that the server runs, and that this machine may reach it.`,
        { cause: error, details: { where: this.#where } },
      )
    }
  }

  async #release(client: PoolClient): Promise<void> {
    try {
      await client.query('rollback')
      client.release()
    } catch {
      // The connection is lost: the pool opens another. What broke it has been told already, or nobody needs it any more.
      client.release(true)
    }
  }

  #error(error: unknown, sql: string): AppError {
    if (error instanceof AppError) return error
    const message = error instanceof Error ? error.message : String(error)
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const table = /relation "(\w+)" does not exist/.exec(message)?.[1]
    if (table !== undefined && findMart(table) !== undefined) return martMissing(table, this.#where, error)
    const advice = code === '57014' ? ' Raise WAREHOUSE_TIMEOUT_SECONDS, or ask for less.' : ''
    return statementFailed(`The warehouse at ${this.#where} failed: ${message}.${advice}`, sql, error)
  }
}

/** Host, port and database of a connection URL; never user or password. */
function placeOf(url: string): string {
  try {
    const { hostname, port, pathname, protocol } = new URL(url)
    return `${hostname}:${port === '' ? (protocol === 'redshift:' ? 5439 : 5432) : port}${pathname}`
  } catch {
    return 'the address in WAREHOUSE_URL'
  }
}
