import type { NumberedText } from './numbered-text.ts'
import type { Staging } from './staging.ts'

// A character that no text file should have: the whole line is one field.
const noSeparator = '\u0001'

/** How `numberText` reads a file of one JSON object per line. */
export const jsonLinesFormat = { separator: noSeparator, quoted: false } as const

/**
 * Loads a file of one JSON object per line into the temporary table `table (line, …columns as text)`. A key that is missing, null or
 * empty is null. What is no object is rejected, and so is a line with an object or a list where a column needs one value.
 *
 * @param keys the key of each column
 */
export async function loadJsonLines(
  staging: Staging,
  table: string,
  text: NumberedText,
  keys: Iterable<readonly [column: string, key: string]>,
): Promise<void> {
  const paths = [...keys].map(([column, key]) => ({ column, path: pathOf(key) }))
  await staging.load('json_lines', text, ['text'], { header: false })
  await staging.reject('json_lines', text.source, [
    {
      when: `case when json_valid(text) then json_type(text) <> 'OBJECT' else true end`,
      reason: `'expected one JSON object per line'`,
    },
  ])
  const nested = `in ('OBJECT', 'ARRAY')`
  const reasons = paths.map(
    ({ column, path }) =>
      `when json_type(text, ${path}) ${nested} then '${column} as one value; got ' || left(json_extract_string(text, ${path}), 300)`,
  )
  await staging.reject('json_lines', text.source, [
    {
      // All types at once: a line is parsed only once then.
      when: `list_has_any(json_type(text, [${paths.map(({ path }) => path).join(', ')}]), ['OBJECT', 'ARRAY'])`,
      reason: `'expected ' || case ${reasons.join(' ')} end`,
    },
  ])
  const list = paths.map(({ column, path }) => `nullif(json_extract_string(text, ${path}), '') as ${column}`)
  await staging.run(
    `create or replace temp table ${table} as select line, ${list.join(', ')} from json_lines; drop table json_lines`,
  )
}

const pathOf = (key: string): string => `'$."${key.replaceAll('"', '\\"').replaceAll("'", "''")}"'`
