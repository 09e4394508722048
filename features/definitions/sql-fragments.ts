/**
 * Whether an interaction shows that the user liked the content: a reaction, a rating of 4 or 5, or most of it watched.
 *
 * @param row alias of fct_interactions
 */
export const isPositive = (row: string): string =>
  `(${row}.event_type in ('like', 'comment', 'share', 'save')
    or (${row}.event_type = 'rating' and ${row}.value >= 4)
    or (${row}.event_type = 'view' and ${row}.completion >= 0.7))`

/**
 * A table expression `windows (as_of, day, age)`: the `length` days before each moment, `age` = 1 for the day just before it.
 * An equi-join on `day` is portable (Redshift has no RANGE frames) and faster than an inequality.
 */
export const windows = (length: number): string => {
  const offsets = Array.from({ length }, (_, i) => `select ${i + 1} as n`).join(' union all ')
  return `windows as (select m.as_of, m.as_of - o.n as day, o.n as age from moments m cross join (${offsets}) o)`
}

/** Sum of `value` over the rows of a window that are at most `days` old. */
export const sumWithin = (days: number, value: string): string =>
  `sum(case when w.age <= ${days} then ${value} else 0 end)`

/**
 * Number of rows for which a condition holds, as a double: DuckDB sums integers in 128 bits, and where every row is summed for each of
 * 28 moments that is most of the work. Whole numbers are exact in both.
 */
export const countOf = (condition: string): string =>
  `sum(case when ${condition} then cast(1 as double precision) else 0 end)`

/** `a / b` as a double, 0 where b is 0. */
export const ratio = (a: string, b: string): string =>
  `(case when ${b} > 0 then cast(${a} as double precision) / ${b} else 0 end)`

/** ln(1 + x) with x below 0 or unknown taken as 0. */
export const log1p = (x: string): string => `ln(1 + cast(greatest(coalesce(${x}, 0), 0) as double precision))`

/** The end of what has no end yet: a day beyond all moments, so that a stretch is two plain comparisons, without `or … is null`. */
export const never = `cast('9999-12-31' as date)`

/** A day before all moments. */
export const always = `cast('0001-01-01' as date)`
