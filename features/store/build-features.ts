import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
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
import { inputFingerprint } from './input-fingerprint.ts'
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
/** How far back the snapshots go by default: three years. A single fact with a wrong, old date costs nothing then. */
const defaultDays = 1095
/** More days than this are more likely a wrong date than a wish. */
const mostDays = 10_000

/**
 * Brings the offline store up to date: a Parquet snapshot per view and day.
 *
 * A snapshot is built when it is missing, when the view's definition changed, or when the warehouse changed in anything that the view
 * reads of the days before; all others are not touched. Snapshots outside the days asked for stay, unless they hold a person who has
 * since been erased. A kill or a full disk leaves the last good state, and the next run goes on from there.
 *
 * @throws AppError INPUT_INVALID (days) | DATA_INSUFFICIENT (no facts) | WAREHOUSE_MISSING | WAREHOUSE_FAILED | DISK_FULL | CANCELLED
 */
export async function buildFeatures(options: BuildOptions): Promise<readonly ViewBuild[]> {
  const { source, memoryMb = 4096, threads } = options
  const range = snapshotRange(await factSpan(source), options)
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

interface DayRange {
  readonly from: number
  readonly to: number
}

function snapshotRange(span: Awaited<ReturnType<typeof factSpan>>, { from, to, log }: BuildOptions): DayRange {
  if (span === undefined) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      'Expected rows in fct_interactions or fct_content_daily to build features from; both are empty. Run `contentflow sample` or `contentflow import …`.',
    )
  }
  const first = span.first + 1
  const last = to === undefined ? span.last + 1 : parseDay('to', to)
  const recent = Math.max(first, last - defaultDays)
  const range = { from: from === undefined ? recent : parseDay('from', from), to: last }
  if (range.from > range.to) {
    throw new AppError(
      'INPUT_INVALID',
      `The first snapshot day ${dayName(range.from)} is after the last, ${dayName(range.to)}; expected from ≤ to.`,
    )
  }
  if (range.to - range.from >= mostDays) {
    throw new AppError(
      'INPUT_INVALID',
      `The snapshot days go from ${dayName(range.from)} to ${dayName(range.to)}; expected at most ${mostDays} days. Give a later --from or an earlier --to.`,
    )
  }
  if (from === undefined && recent > first) {
    log.info(
      { firstFacts: dayName(span.first), from: dayName(recent), to: dayName(last) },
      `the facts go further back than ${defaultDays} days: snapshots are built from ${dayName(recent)} on; --from reaches further`,
    )
  }
  return range
}

function parseDay(field: string, text: string): number {
  const day = dayNumber(text)
  if (Number.isNaN(day)) {
    throw new AppError('INPUT_INVALID', `--${field} is ${JSON.stringify(text)}; expected a day like 2026-10-31.`, {
      details: { field, got: text },
    })
  }
  return day
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
  const wanted = wantedDays(view, range)
  // Read before the view: a change in between is then found by the next build.
  const inputs = await inputFingerprint(source, view)
  const isOutside = ({ day }: Snapshot): boolean => dayNumber(day) < range.from || dayNumber(day) > range.to
  const outside = usable.filter(isOutside)
  const erased =
    view.entity === 'user' ? await erasedUserSnapshots(source, engine, viewDir, outside) : new Set<string>()
  const asked = usable.filter((snapshot) => !isOutside(snapshot) && wanted.has(dayNumber(snapshot.day)))
  const current = asked.filter((snapshot) => snapshot.inputs === inputs(dayNumber(snapshot.day)))
  if (current.length < asked.length) {
    log.info(
      { view: view.name, snapshots: asked.length - current.length },
      'rows that these snapshots were made of changed: they are rebuilt',
    )
  }
  const kept = [...outside.filter((snapshot) => !erased.has(snapshot.file)), ...(full ? [] : current)]
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
  const seconds = (performance.now() - started) / 1000
  progress.done(`features ${view.name}`, `${due.length} built, ${kept.length} kept, ${seconds.toFixed(1)} s`)
  return {
    view: view.name,
    built: due.map(dayName),
    kept: kept.length,
    rows: snapshots.reduce((sum, snapshot) => sum + snapshot.rows, 0),
    seconds,
  }
}

/** Every `everyDays`-th day (Mondays for a weekly view), and the last. */
function wantedDays(view: FeatureView, { from, to }: DayRange): ReadonlySet<number> {
  const monday = 4 // 1970-01-05
  const days = new Set<number>()
  for (let day = from; day <= to; day++) if ((day - monday) % view.everyDays === 0) days.add(day)
  return days.add(to)
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
