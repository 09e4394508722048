import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../../log.ts'
import type { Progress } from '../../progress.ts'
import type { FeatureView } from '../definitions/feature-view.ts'
import { featureViews } from '../definitions/index.ts'
import { DuckDbDatabase } from '../sources/duckdb-database.ts'
import { DuckDbSource } from '../sources/duckdb-source.ts'
import type { MartSource } from '../sources/mart-source.ts'
import { dayName, dayNumber } from './day.ts'
import { erasedUserSnapshots } from './erased-user-snapshots.ts'
import { factSpan } from './fact-span.ts'
import { fieldStatistics } from './field-statistics.ts'
import { type InputFingerprint, inputFingerprint } from './input-fingerprint.ts'
import { type DayRange, snapshotRange, wantedDays } from './snapshot-days.ts'
import { readManifest, type Snapshot, type SnapshotManifest, writeManifest } from './snapshot-manifest.ts'
import { writeSnapshots } from './snapshot-writer.ts'

export interface BuildOptions {
  readonly source: MartSource
  /** The folder of all snapshots: `config.featuresDir`. */
  readonly dir: string
  /** First and last snapshot day, `YYYY-MM-DD`; by default the three years up to the day after the last facts, or fewer where the facts begin later. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** All views by default. */
  readonly views?: readonly FeatureView[]
  /** Rebuilds even what is up to date. */
  readonly full?: boolean
  readonly memoryMb?: number
  readonly threads?: number | undefined
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly log: Logger
}

export interface ViewBuild {
  readonly view: string
  /** Snapshot days written, and days left as they were. */
  readonly built: readonly string[]
  readonly kept: number
  /** Rows in all snapshots of the view. */
  readonly rows: number
  readonly seconds: number
}

/** Rows staged by one statement, about; bounds memory. */
const rowsPerStatement = 2_000_000
const mostDaysPerStatement = 64
/** Days of the first statement, where nothing is known of how many rows a day has. */
const firstStep = 8

/**
 * Brings the offline store up to date: a Parquet snapshot per view and day.
 *
 * A snapshot is built when it is missing, when the view's definition changed, or when the warehouse changed in anything that the view
 * reads of the days before; all others are not touched. Snapshots outside the days asked for stay, unless they hold a person who has
 * since been erased. A kill or a full disk leaves the last good state, and the next run goes on from there.
 *
 * @throws AppError INPUT_INVALID (days) | DATA_INSUFFICIENT (no facts) | MART_INVALID (a fact of an impossible time) |
 *   WAREHOUSE_MISSING | WAREHOUSE_FAILED | DISK_FULL | CANCELLED
 */
export async function buildFeatures(options: BuildOptions): Promise<readonly ViewBuild[]> {
  const { source, memoryMb = 4096, threads } = options
  const range = snapshotRange(await factSpan(source), options, options.log)
  const own =
    source instanceof DuckDbSource ? undefined : await DuckDbDatabase.open({ path: ':memory:', memoryMb, threads })
  const engine = source instanceof DuckDbSource ? source.database : own!
  try {
    const results: ViewBuild[] = []
    for (const view of options.views ?? featureViews) results.push(await buildView(view, engine, range, options))
    return results
  } finally {
    await own?.close()
  }
}

async function buildView(
  view: FeatureView,
  engine: DuckDbDatabase,
  range: DayRange,
  options: BuildOptions,
): Promise<ViewBuild> {
  const { source, dir, full = false, progress, signal, log } = options
  const started = performance.now()
  const viewDir = join(dir, view.name)
  // With --full even a damaged manifest is no obstacle.
  const old = await readManifest(viewDir).catch((error: unknown) => (full ? undefined : Promise.reject(error)))
  const usable = old?.schemaHash === view.schemaHash ? old.snapshots : []
  if (old !== undefined && old.schemaHash !== view.schemaHash) {
    log.info({ view: view.name }, 'the definition of the view changed: all its snapshots are rebuilt')
  }
  // Read before the view: a change in between is then found by the next build.
  const inputs = await inputFingerprint(source, view)
  const wanted = wantedDays(view, range)
  const inside = usable.filter(({ day }) => dayNumber(day) >= range.from && dayNumber(day) <= range.to)
  const current = full ? [] : upToDate(view, inside, wanted, inputs, log)
  const outside = usable.filter((snapshot) => !inside.includes(snapshot))
  const kept = [...(await withoutErased(source, engine, view, viewDir, outside)), ...current]
  const keptDays = new Set(kept.map((snapshot) => dayNumber(snapshot.day)))
  const due = [...wanted].filter((day) => !keptDays.has(day))

  let written: Snapshot[] = []
  const broken = new Map<string, number>()
  // Each statement reads its days' whole window, so the fewer the better: as many days at once as the rows known so far allow.
  let step = old === undefined ? firstStep : nextStep(old.snapshots)
  for (let start = 0; start < due.length; ) {
    progress.update(`features ${view.name}`, start, due.length, `${dayName(due[start]!)}`)
    const days = due.slice(start, start + step)
    const part = await writeSnapshots(source, engine, view, viewDir, days, inputs, signal)
    written = [...written, ...part.snapshots]
    for (const [field, rows] of part.broken) broken.set(field, (broken.get(field) ?? 0) + rows)
    start += days.length
    step = nextStep(part.snapshots)
    // Of an unchanged definition each part counts at once; of a changed one nothing before all of it is there.
    if (usable.length > 0) await commit(view, viewDir, replace(usable, written), old!)
  }
  for (const [field, rows] of broken) {
    log.warn({ view: view.name, field, rows }, 'values are missing or not finite, and are read as the default')
  }
  const snapshots = [...kept, ...written].sort((a, b) => (a.day < b.day ? -1 : 1))
  const unchanged = due.length === 0 && old !== undefined && old.snapshots.length === kept.length
  if (!unchanged) {
    const last = snapshots.at(-1)
    const statistics = last === undefined ? {} : await fieldStatistics(engine, view, join(viewDir, last.file))
    await commit(view, viewDir, snapshots, { statistics })
    await removeUnlisted(viewDir, snapshots)
  }
  const rows = snapshots.reduce((sum, snapshot) => sum + snapshot.rows, 0)
  if (rows === 0) log.warn({ view: view.name }, nobodyToDescribe[view.entity])
  const seconds = (performance.now() - started) / 1000
  progress.done(`features ${view.name}`, `${due.length} built, ${kept.length} kept, ${seconds.toFixed(1)} s`)
  return {
    view: view.name,
    built: due.map(dayName),
    kept: kept.length,
    rows,
    seconds,
  }
}

/** What is missing where a view has no row at all. */
const nobodyToDescribe: Readonly<Record<FeatureView['entity'], string>> = {
  user: 'nobody to describe: no row that it reads is of a person who stands in dim_user and agreed to personalisation; import dim_user, where the marts that it reads are not empty',
  content: 'no content to describe: import dim_content',
  creator: 'no creator to describe: import dim_content with creator_id, and dim_creator',
}

/** The snapshots of wanted days whose inputs are still those they were made of. */
function upToDate(
  view: FeatureView,
  snapshots: readonly Snapshot[],
  wanted: ReadonlySet<number>,
  inputs: InputFingerprint,
  log: Logger,
): readonly Snapshot[] {
  const asked = snapshots.filter(({ day }) => wanted.has(dayNumber(day)))
  const current = asked.filter((snapshot) => snapshot.inputs === inputs(dayNumber(snapshot.day)))
  const changed = asked.length - current.length
  if (changed > 0) {
    log.info(
      { view: view.name, snapshots: changed },
      'rows that these snapshots were made of changed: they are rebuilt',
    )
  }
  return current
}

/** The snapshots that hold nobody who has been erased since. */
async function withoutErased(
  source: MartSource,
  engine: DuckDbDatabase,
  view: FeatureView,
  viewDir: string,
  snapshots: readonly Snapshot[],
): Promise<readonly Snapshot[]> {
  if (view.entity !== 'user') return snapshots
  const erased = await erasedUserSnapshots(source, engine, viewDir, snapshots)
  return snapshots.filter(({ file }) => !erased.has(file))
}

function nextStep(snapshots: readonly Snapshot[]): number {
  const rowsPerDay = Math.max(1, ...snapshots.map((snapshot) => snapshot.rows))
  return Math.min(mostDaysPerStatement, Math.max(1, Math.floor(rowsPerStatement / rowsPerDay)))
}

/** The snapshots with those of the same days replaced. */
function replace(old: readonly Snapshot[], written: readonly Snapshot[]): readonly Snapshot[] {
  const days = new Set(written.map((snapshot) => snapshot.day))
  return [...old.filter((snapshot) => !days.has(snapshot.day)), ...written]
}

async function commit(
  view: FeatureView,
  viewDir: string,
  snapshots: readonly Snapshot[],
  { statistics }: Pick<SnapshotManifest, 'statistics'>,
): Promise<void> {
  await writeManifest(viewDir, {
    formatVersion: 1,
    view: view.name,
    entity: view.entity,
    schemaHash: view.schemaHash,
    builtAt: new Date().toISOString(),
    snapshots: [...snapshots].sort((a, b) => (a.day < b.day ? -1 : 1)),
    statistics,
  })
}

/** Removes what no manifest names: replaced snapshots, and what a killed build left. */
async function removeUnlisted(viewDir: string, snapshots: readonly Snapshot[]): Promise<void> {
  const listed = new Set(snapshots.map((snapshot) => snapshot.file))
  for (const folder of await readdir(viewDir, { withFileTypes: true })) {
    if (!folder.isDirectory() || !folder.name.startsWith('as_of=')) continue
    const files = await readdir(join(viewDir, folder.name))
    const stale = files.filter((file) => !listed.has(join(folder.name, file)))
    for (const file of stale) await rm(join(viewDir, folder.name, file))
    if (stale.length === files.length) await rm(join(viewDir, folder.name), { recursive: true })
  }
}
