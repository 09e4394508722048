import { AppError, toAppError } from '../../errors.ts'
import { DuckDbDatabase } from './duckdb-database.ts'
import { sqlLiteral } from './sql-literal.ts'

/** Vectors of one width, each under its id. */
export interface NamedVectors {
  readonly ids: readonly string[]
  /** `[ids, width]` row-major; finite. */
  readonly vectors: Float32Array
}

/**
 * Reads a folder of Parquet files with a column of ids (text) and one of vectors (a list of numbers).
 *
 * @throws AppError INPUT_INVALID naming the folder and what is wrong: no readable files, a missing column, an id twice, another width, a number
 *   that is none
 */
export async function readParquetVectors(
  folder: string,
  columns: { readonly id: string; readonly vector: string },
  width: number,
): Promise<NamedVectors> {
  const wrong = (problem: string, cause?: unknown): AppError =>
    new AppError('INPUT_INVALID', `${folder}: ${problem}. Write it again; nothing was imported.`, {
      cause,
      details: { folder },
    })
  const table = `read_parquet(${sqlLiteral(`${folder}/*.parquet`)})`
  const database = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 512, threads: 1 })
  try {
    const found = (await database.rows(`describe select * from ${table}`)).map((row) => String(row.column_name))
    const missing = Object.values(columns).filter((name) => !found.includes(name))
    if (missing.length > 0)
      throw wrong(`expected the columns ${columns.id} and ${columns.vector}; got ${found.join(', ')}`)
    const ids: string[] = []
    for await (const batch of database.read(
      `select cast(${columns.id} as varchar) as id, cast(coalesce(len(${columns.vector}), 0) as integer) as width from ${table}`,
      { id: 'string', width: 'int32' },
    )) {
      for (let row = 0; row < batch.rowCount; row++) {
        const got = batch.columns.width[row]!
        if (got !== width) throw wrong(`expected vectors of ${width} numbers; ${batch.columns.id[row]} has ${got}`)
        ids.push(batch.columns.id[row]!)
      }
    }
    if (new Set(ids).size < ids.length) throw wrong(`expected each ${columns.id} once; got one twice`)
    const vectors = new Float32Array(ids.length * width)
    let at = 0
    // Both statements read the files in the same order: DuckDB keeps it.
    for await (const { columns: values } of database.read(
      `select cast(unnest(${columns.vector}) as double) as value from ${table}`,
      { value: 'float64' },
    )) {
      for (const value of values.value) {
        if (!Number.isFinite(value))
          throw wrong(`expected numbers; the vector of ${ids[Math.floor(at / width)]} has a NaN or an infinity`)
        vectors[at++] = value
      }
    }
    return { ids, vectors }
  } catch (error) {
    if (error instanceof AppError && error.code === 'INPUT_INVALID') throw error
    throw wrong(
      `expected readable Parquet files (${toAppError(error).message.replace(/ \(statement: .*/s, '')})`,
      error,
    )
  } finally {
    await database.close()
  }
}
