import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import { ensureMarts, writeMeta } from '../../features/sources/warehouse-tables.ts'
import type { Progress } from '../../progress.ts'
import { audienceSql } from './audience.ts'
import { cellsSql, choicesSql } from './choices.ts'
import { commentsSql } from './comments.ts'
import { contentDailySql } from './content-daily.ts'
import { contentsSql, dimContentSql } from './contents.ts'
import { creatorsSql, dimCreatorSql } from './creators.ts'
import { driftSql } from './drift.ts'
import { countRows, inspectWarehouse, refuseRealData, removeDeadDrafts, sampleKey } from './existing-warehouse.ts'
import { hashtagsSql } from './hashtags.ts'
import { interactionsSql, viewsSql, viewsTableSql } from './interactions.ts'
import { popularitySql } from './popularity.ts'
import { rhythmsSql } from './rhythms.ts'
import { sessionsSql } from './sessions.ts'
import { subscriptionsSql } from './subscriptions.ts'
import { dimUserSql, usersSql } from './users.ts'
import type { SampleWorld } from './world.ts'

/** Local days generated at a time: bounds the memory, and shows progress. */
const batchDays: Record<SampleWorld['size'], number> = { small: 366, medium: 45, large: 9 }

interface Step {
  readonly label: string
  readonly sql: string
}

/** The statements that make a world, in order; each truth is a file of its own. */
function sampleSteps(world: SampleWorld): Step[] {
  const steps: Step[] = [
    { label: 'rhythms and trends', sql: rhythmsSql() + driftSql(world) },
    { label: 'creators', sql: creatorsSql(world) + dimCreatorSql(world) },
    { label: 'users', sql: usersSql(world) + dimUserSql(world) },
    { label: 'contents', sql: contentsSql(world) + hashtagsSql(world) + dimContentSql(world) },
    { label: 'popularity', sql: popularitySql(world) },
    { label: 'daily counts', sql: contentDailySql(world) },
    { label: 'audience by hour', sql: audienceSql(world) },
    { label: 'sessions', sql: sessionsSql(world) + cellsSql() + viewsTableSql() },
  ]
  for (let from = 0; from < world.days; from += batchDays[world.size]) {
    const to = Math.min(from + batchDays[world.size], world.days)
    steps.push({
      label: `events up to day ${to}`,
      sql: choicesSql(world, from, to) + viewsSql(world) + interactionsSql(world, from, to),
    })
  }
  steps.push({ label: 'comments', sql: commentsSql(world) }, { label: 'subscriptions', sql: subscriptionsSql(world) })
  return steps
}

export interface SampleOptions {
  readonly path: string
  readonly schema: string
  readonly duckdb: { readonly memoryMb: number; readonly threads: number | undefined }
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface SampleResult {
  /** False when the warehouse already held this very world. */
  readonly created: boolean
  readonly rows: Readonly<Record<string, number>>
}

/**
 * Fills the embedded warehouse with a sample world: into a new file beside it, which then takes its place. Whatever ends this early
 * leaves the warehouse as it was.
 *
 * @throws AppError CONFLICT when the warehouse holds real data | CANCELLED | DISK_FULL | WAREHOUSE_FAILED
 */
export async function generateSample(world: SampleWorld, options: SampleOptions): Promise<SampleResult> {
  const { path, schema, duckdb, progress, signal } = options
  const existing = await inspectWarehouse(options)
  refuseRealData(existing, path)
  if (existing.kind === 'sample' && existing.key === sampleKey(world)) return { created: false, rows: existing.rows }

  const draft = `${path}.draft-${process.pid}`
  await mkdir(dirname(path), { recursive: true })
  await removeDeadDrafts(path)
  try {
    const database = await DuckDbDatabase.open({ path: draft, schema, ...duckdb, create: true })
    let rows: Readonly<Record<string, number>>
    try {
      rows = await fill(database, world, options)
    } finally {
      await database.close()
    }
    signal.throwIfAborted()
    // Once more: what was imported meanwhile, by a program that knows no lock, is not to be overwritten either.
    refuseRealData(await inspectWarehouse(options), path)
    await rename(draft, path)
    progress.done(`sample world ${world.size}`, 'ready')
    return { created: true, rows }
  } finally {
    for (const leftover of [draft, `${draft}.wal`, `${draft}.tmp`]) await rm(leftover, { force: true, recursive: true })
  }
}

async function fill(
  database: DuckDbDatabase,
  world: SampleWorld,
  { schema, progress, signal }: SampleOptions,
): Promise<Readonly<Record<string, number>>> {
  await ensureMarts(database, schema)
  const steps = sampleSteps(world)
  for (const [index, { label, sql }] of steps.entries()) {
    signal.throwIfAborted()
    progress.update(`sample world ${world.size}`, index, steps.length, label)
    await database.run(sql)
  }
  await writeMeta(database, 'synthetic', 'true')
  await writeMeta(database, 'sample_world', sampleKey(world))
  const rows = await countRows(database)
  await database.run('checkpoint')
  return rows
}
