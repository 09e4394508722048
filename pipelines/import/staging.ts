import { basename } from 'node:path'
import type { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import { sqlLiteral } from '../../features/sources/sql-literal.ts'
import { quoteName } from '../../features/sources/sql-text.ts'
import type { NumberedText } from './numbered-text.ts'
import { endMark } from './record-numberer.ts'

/** A rule for staged rows; the first that is true names the reason of the rejection. */
export interface StageCheck {
  /** SQL over the staged columns; true means rejected. */
  readonly when: string
  /** SQL text expression: what was expected and what came. */
  readonly reason: string
}

/** Says that the rows of a staged table name their files themselves, in a column `file`. */
export const byRow = Symbol('by row')

/** Longest raw text kept of a rejected row, characters. */
const rawLimit = 2000

/** How much of a file is read at once, bytes: DuckDB's default grows with the longest line, sixteenfold. */
const readBuffer = 8 << 20

/** Temporary tables in which an import prepares its rows; nothing here touches the marts. */
export class Staging {
  readonly #database: DuckDbDatabase

  private constructor(database: DuckDbDatabase) {
    this.#database = database
  }

  static async open(database: DuckDbDatabase): Promise<Staging> {
    await database.run('create or replace temp table rejects (file varchar, line bigint, reason varchar, raw varchar)')
    return new Staging(database)
  }

  run(sql: string): Promise<void> {
    return this.#database.run(sql)
  }

  async count(from: string): Promise<number> {
    const rows = await this.#database.rows(`select cast(count(*) as double) as n from ${from}`)
    return Number(rows[0]!.n)
  }

  /**
   * Loads records as text into the temporary table `table (line, …columns)`; records with too few or too many fields are rejected.
   * An empty field is null.
   *
   * @param columns names of all fields in the file's order
   * @param options.header whether the first record is a header to skip
   * @param options.select SQL expressions over the fields, for a table `(line, …names)` instead of all fields
   */
  async load(
    table: string,
    text: NumberedText,
    columns: readonly string[],
    options: { readonly header: boolean; readonly select?: Readonly<Record<string, string>> },
  ): Promise<void> {
    const { quoted } = text
    const fields = quoted ? [...columns, '__end'] : columns
    const types = ["'__line': 'BIGINT'", ...fields.map((name) => `${sqlLiteral(name)}: 'VARCHAR'`)]
    const select = options.select ?? Object.fromEntries(columns.map((name) => [name, quoteName(name)]))
    const chosen = Object.entries({ line: '__line', ...select, ...(quoted ? { __end: '__end' } : {}) })
    // Not strict: quotes may go on after the closing one, as in `"a"|"b"`.
    const reading = quoted ? `quote = '"', escape = '"', strict_mode = false` : `quote = '', escape = ''`
    await this.run(`
      create or replace temp table ${table} as
      select ${chosen.map(([name, sql]) => `${sql} as ${quoteName(name)}`).join(', ')}
      from read_csv(${sqlLiteral(text.path)}, auto_detect = false, header = false,
        skip = ${options.header ? 1 : 0}, columns = {${types.join(', ')}}, delim = ${sqlLiteral(text.separator)}, ${reading},
        new_line = '\\n', null_padding = false, max_line_size = ${text.longestRecord},
        buffer_size = ${Math.max(readBuffer, text.longestRecord)},
        store_rejects = true, rejects_table = 'csv_errors', rejects_scan = 'csv_scans')`)
    const separator = sqlLiteral(text.separator)
    const own = `substr(csv_line, strpos(csv_line, ${separator}) + ${text.separator.length})`
    const raw = quoted ? `regexp_replace(${own}, '${text.separator}${endMark}\\s*$', '')` : own
    await this.run(`
      insert into rejects
      select ${sqlLiteral(basename(text.source))}, try_cast(split_part(csv_line, ${separator}, 1) as bigint),
        ${widthReason(columns.length, quoted)}, left(${raw}, ${rawLimit})
      from csv_errors group by csv_line;
      drop table csv_errors; drop table csv_scans`)
    if (!quoted) return
    await this.reject(table, text.source, [
      { when: `__end is distinct from '${endMark}'`, reason: `'expected ${columns.length} fields; got more'` },
    ])
    await this.run(`alter table ${table} drop column __end`)
  }

  /**
   * Moves the rows of `table` that break a check to the rejects.
   *
   * @param file shown in the rejects; the table has a column `line`
   */
  async reject(table: string, file: string | typeof byRow, checks: readonly StageCheck[]): Promise<void> {
    if (checks.length === 0) return
    const reason = `case ${checks.map((check) => `when ${check.when} then ${check.reason}`).join(' ')} end`
    const broken = checks.map((check) => `coalesce(${check.when}, false)`).join(' or ')
    const before = await this.rejected()
    await this.run(`
      insert into rejects
      select ${file === byRow ? 'file' : sqlLiteral(basename(file))}, line, ${reason}, left(to_json(t)::varchar, ${rawLimit})
      from ${table} t where ${broken}`)
    // Mostly nothing is rejected; then a second look at all rows would be for nothing.
    if ((await this.rejected()) > before) await this.run(`delete from ${table} where ${broken}`)
  }

  /** Rejects every row but the first of those with the same key. */
  async rejectRepeats(table: string, file: string, key: readonly string[]): Promise<void> {
    const keyList = key.map((name) => `"${name}"`).join(', ')
    if ((await this.count(`(select 1 from ${table} group by ${keyList} having count(*) > 1 limit 1)`)) === 0) return
    const keyText = key.map((name) => `cast("${name}" as varchar)`).join(` || ' ' || `)
    await this.run(`
      create or replace temp table repeats as
      select line, min(line) over (partition by ${keyList}) as first_line from ${table};
      insert into rejects
      select ${sqlLiteral(basename(file))}, t.line, 'expected each ' || ${sqlLiteral(key.join(' + '))} || ' once; ' || ${keyText} || ' is also on line ' || r.first_line,
        left(to_json(t)::varchar, ${rawLimit})
      from ${table} t join repeats r on t.line = r.line where r.line > r.first_line;
      delete from ${table} where line in (select line from repeats where line > first_line);
      drop table repeats`)
  }

  rejected(): Promise<number> {
    return this.count('rejects')
  }

  /** Why rows were rejected, most frequent first. */
  async reasons(): Promise<{ readonly reason: string; readonly rows: number }[]> {
    const rows = await this.#database.rows(
      `select regexp_replace(reason, '; (got|.* is also).*', '') as reason, count(*)::double as n from rejects group by 1 order by 2 desc, 1 limit 10`,
    )
    return rows.map((row) => ({ reason: String(row.reason), rows: Number(row.n) }))
  }

  /** Writes the rejected rows as CSV, the same rows always in the same order. @throws AppError DISK_FULL */
  async writeRejects(path: string): Promise<void> {
    await this.run(
      `copy (select file, line, reason, raw from rejects order by all) to ${sqlLiteral(path)} (format csv, header)`,
    )
  }
}

/** SQL over DuckDB's errors of a line: how many fields it has, counted as in the file. What is no matter of width, DuckDB says itself. */
function widthReason(expected: number, quoted: boolean): string {
  const ours = quoted ? 2 : 1 // the line number, and the end mark
  const found = `try_cast(regexp_extract(min(error_message), 'Expected Number of Columns: \\d+ Found: (\\d+)', 1) as integer)`
  // An unclosed quote takes the end mark into its field.
  return `case when ${found} is null then min(error_message)
    else 'expected ${expected} fields; got ' || greatest(1, ${found} - ${ours}) end`
}
