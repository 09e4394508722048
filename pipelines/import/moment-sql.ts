/** The times that imports read, for messages. */
export const momentForms = 'an ISO 8601 date or time (2026-03-01T10:00:00Z, UTC unless it has an offset)'

const day = String.raw`\d{4}-\d\d-\d\d`
// The form nearly every file has, which one cast reads.
const plain = String.raw`^${day}([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?|[T ]\d\d:\d\d:\d\d(\.\d{1,9})?( UTC|Z))?$`
// 1: the local time; 3: the sign, 4: the hours and 6: the minutes of its offset.
const zoned = String.raw`^(${day}[T ]\d\d:\d\d(:\d\d(?:\.\d{1,9})?)?) ?(?:Z|UTC|([+-])(0\d|1[0-8])(:?([0-5]\d))?)$`

/**
 * SQL that reads a text column as a moment: an ISO 8601 date (also 20260301) or date and time, with a space or T between them, with up
 * to nine decimals, in UTC or with Z, UTC or a numeric offset. Anything else is null.
 *
 * DuckDB's own casts read more, but not truly: to timestamp, an offset is dropped; to timestamptz, a zone's name also shifts the rows
 * after it.
 *
 * @param text SQL expression of a varchar
 * @returns SQL expression of a timestamp in UTC
 */
export function momentSql(text: string): string {
  const trimmed = `trim(${text})`
  const part = (index: number): string => `regexp_extract(${trimmed}, '${zoned}', ${index})`
  const number = (index: number): string => `coalesce(try_cast(nullif(${part(index)}, '') as integer), 0)`
  const offset = `to_seconds((case ${part(3)} when '-' then -1 else 1 end) * (3600 * ${number(4)} + 60 * ${number(6)}))`
  return `case
    when regexp_matches(${trimmed}, '${plain}') then try_cast(${trimmed} as timestamp)
    when regexp_matches(${trimmed}, '${zoned}') then try_cast(${part(1)} as timestamp) - ${offset}
    when regexp_matches(${trimmed}, '^\\d{8}$') then try_strptime(${trimmed}, '%Y%m%d') end`
}

/** As `momentSql`, and a number of nine or ten digits before its point counts as seconds since 1970: 1973 and later. */
export function momentOrSecondsSql(text: string): string {
  const seconds = `make_timestamp(cast(round(try_cast(${text} as double) * 1000000) as bigint))`
  return `case when regexp_matches(${text}, '^\\d{9,10}(\\.\\d+)?$') then ${seconds} else ${momentSql(text)} end`
}
