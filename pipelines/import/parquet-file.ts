import { AppError, toAppError } from '../../errors.ts'
import type { ColumnKind } from '../../features/marts/mart.ts'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import { sqlLiteral } from '../../features/sources/sql-literal.ts'
import { quoteName } from '../../features/sources/sql-text.ts'
import type { Staging } from './staging.ts'

const readable: Record<ColumnKind, RegExp> = {
  id: /^(VARCHAR|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UUID)$/,
  text: /^VARCHAR$/,
  category: /^(VARCHAR|U?(TINY|SMALL|BIG)?INT(EGER)?|ENUM.*)$/,
  integer: /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/,
  real: /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/,
  boolean: /^(BOOLEAN|U?(TINY)?INT(EGER)?)$/,
  timestamp: /^(TIMESTAMP.*|DATE|BIGINT|DOUBLE|VARCHAR)$/,
  date: /^(TIMESTAMP.*|DATE|VARCHAR)$/,
}

/**
 * Opens a Parquet file for `importTable`: reads its footer, so that a truncated file or a wrong column type is told before anything is
 * staged.
 *
 * @param kindOf what the mart makes of a column of the file; undefined when nothing
 * @throws AppError INPUT_INVALID
 */
export async function openParquet(
  path: string,
  kindOf: (source: string) => ColumnKind | undefined,
): Promise<{
  names: readonly string[]
  records: number
  load: (staging: Staging, sources: ReadonlyMap<string, string>) => Promise<void>
}> {
  const { schema, records } = await readFooter(path)
  for (const [name, type] of schema) {
    const kind = kindOf(name)
    if (kind === undefined || readable[kind].test(type)) continue
    throw new AppError(
      'INPUT_INVALID',
      `${path}: expected ${name} as ${kind}; its Parquet type is ${type}. Convert the column, or map another with --map. Nothing was imported.`,
      { details: { column: name, type } },
    )
  }
  return {
    names: [...schema.keys()],
    records,
    load: async (staging, sources) => {
      const list = [...sources].map(
        ([column, source]) => `nullif(cast(${quoteName(source)} as varchar), '') as ${column}`,
      )
      await staging.run(`
        create temp table source_rows as
        select file_row_number + 1 as line, ${list.join(', ')} from read_parquet(${sqlLiteral(path)}, file_row_number = true)`)
    },
  }
}

async function readFooter(path: string): Promise<{ schema: Map<string, string>; records: number }> {
  const database = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 256, threads: 1 })
  try {
    const columns = await database.rows(`describe select * from read_parquet(${sqlLiteral(path)})`)
    const [count] = await database.rows(`select cast(count(*) as double) as n from read_parquet(${sqlLiteral(path)})`)
    return {
      schema: new Map(columns.map((row) => [String(row.column_name), String(row.column_type)])),
      records: Number(count!.n),
    }
  } catch (error) {
    throw new AppError(
      'INPUT_INVALID',
      `Expected a readable, whole Parquet file in ${path}: ${toAppError(error).message.replace(/ \(statement: .*/s, '')}. Write or fetch it again; nothing was imported.`,
      { cause: error, details: { file: path } },
    )
  } finally {
    await database.close()
  }
}
