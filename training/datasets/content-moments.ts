import type { FeatureTable } from './content-table.ts'
import { type EarlyCounts, earlyColumns, withEarlyCounts } from './early-counts.ts'

/** When a content is asked about, and its rows then. */
interface ContentMoment {
  /** In words, as metrics end. */
  readonly name: 'before publication' | 'after the first day'
  /** Rows of the table for contents. */
  readonly rows: (contents: Int32Array) => Int32Array
}

/** A table of contents as they stood before publication and, where there are early counts, after their first day too. */
export interface ContentMoments {
  readonly table: FeatureTable
  /** Before publication first. */
  readonly moments: readonly [ContentMoment, ...ContentMoment[]]
  /** Numeric columns with early counts; none without. */
  readonly earlyColumns: readonly number[]
  /** Rows of contents at all moments, content by content: in the order of time where the contents are. */
  readonly rows: (contents: Int32Array) => Int32Array
  readonly contentOf: (row: number) => number
  /** Of a row, as an index into `moments`. */
  readonly momentOf: (row: number) => number
}

/** @param drafts one row for each content */
export function contentMoments(drafts: FeatureTable, early: EarlyCounts): ContentMoments {
  const n = drafts.rowCount
  const table = withEarlyCounts(drafts, early)
  const before: ContentMoment = { name: 'before publication', rows: (contents) => contents }
  const after: ContentMoment = { name: 'after the first day', rows: (contents) => contents.map((row) => row + n) }
  const moments = early.kind === 'none' ? ([before] as const) : ([before, after] as const)
  return {
    table,
    moments,
    earlyColumns: earlyColumns(table),
    rows: (contents) =>
      Int32Array.from(
        { length: contents.length * moments.length },
        (_, i) => contents[Math.floor(i / moments.length)]! + (i % moments.length) * n,
      ),
    contentOf: (row) => row % n,
    momentOf: (row) => Math.floor(row / n),
  }
}
