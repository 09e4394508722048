import type { MetricRow } from '../../models/artifact/manifest.ts'

/** Metrics that are read beside each other: one table. */
export interface MetricGroup {
  /** Names of all baselines of its metrics, as they first come up. */
  readonly baselines: readonly string[]
  readonly rows: readonly MetricRow[]
}

/**
 * Metrics by what they are held against, so that no table has a column for what one of its metrics alone knows.
 *
 * A metric joins the first table that has all of its baselines, and opens a table of its own where there is none, or where it has no
 * baselines. The order is kept: the headline, which is first, is in the first table.
 */
export function metricGroups(rows: readonly MetricRow[]): readonly MetricGroup[] {
  const groups: { readonly baselines: readonly string[]; readonly rows: MetricRow[] }[] = []
  for (const row of rows) {
    const baselines = Object.keys(row.baselines)
    const group = groups.find((one) => holds(one.baselines, baselines))
    if (group === undefined) groups.push({ baselines, rows: [row] })
    else group.rows.push(row)
  }
  return groups
}

const holds = (names: readonly string[], wanted: readonly string[]): boolean =>
  wanted.length === 0 ? names.length === 0 : wanted.every((name) => names.includes(name))
