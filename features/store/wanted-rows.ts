import { countUpTo } from '../transforms/count-up-to.ts'
import { dayNumber, daySeconds } from './day.ts'
import type { LabelRows } from './offline-store.ts'
import type { SnapshotManifest } from './snapshot-manifest.ts'

/** What examples have to look up in the snapshots of a view. */
export interface WantedRows {
  /** The first example of each pair of entity and snapshot, and the snapshot's day: what there is to look up. */
  readonly rows: Int32Array
  readonly days: Int32Array
  /** For each example, the first with the same pair (itself, if it is the first); −1 where there is no snapshot to look into. */
  readonly firstOf: Int32Array
  /** Indices into the manifest's snapshots. */
  readonly snapshots: ReadonlySet<number>
  /** Examples without an entity or a moment. */
  readonly unknown: number
  /** Examples of before the first snapshot. */
  readonly tooEarly: number
  /** Examples whose snapshot was older than the ttl at their moment. */
  readonly stale: number
}

/** The last snapshot at or before each example's moment, unless it is older than `ttlSeconds` then. */
export function snapshotOfEach(
  labels: LabelRows,
  ids: readonly string[],
  manifest: SnapshotManifest,
  ttlSeconds: number,
): WantedRows {
  const days = Int32Array.from(manifest.snapshots, (snapshot) => dayNumber(snapshot.day))
  const rows = new Int32Array(labels.rowCount)
  const dayOfRow = new Int32Array(labels.rowCount)
  const firstOf = new Int32Array(labels.rowCount).fill(-1)
  const codes = new Map<string, number>()
  const firsts = new Map<number, number>()
  const snapshots = new Set<number>()
  let count = 0
  let unknown = 0
  let tooEarly = 0
  let stale = 0
  for (let i = 0; i < labels.rowCount; i++) {
    const at = labels.at[i]!
    const index = countUpTo(days, at / daySeconds) - 1
    if (ids[i] === '' || Number.isNaN(at)) {
      unknown++
    } else if (index < 0) {
      tooEarly++
    } else if (at - days[index]! * daySeconds > ttlSeconds) {
      stale++
    } else {
      let code = codes.get(ids[i]!)
      if (code === undefined) {
        code = codes.size
        codes.set(ids[i]!, code)
      }
      const pair = code * days.length + index
      const first = firsts.get(pair)
      firstOf[i] = first ?? i
      if (first !== undefined) continue
      firsts.set(pair, i)
      snapshots.add(index)
      rows[count] = i
      dayOfRow[count++] = days[index]!
    }
  }
  return {
    rows: rows.subarray(0, count),
    days: dayOfRow.subarray(0, count),
    firstOf,
    snapshots,
    unknown,
    tooEarly,
    stale,
  }
}
