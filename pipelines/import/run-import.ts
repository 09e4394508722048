import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import type { Mart } from '../../features/marts/mart.ts'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import { ensureMarts, readMeta, writeMeta } from '../../features/sources/warehouse-tables.ts'
import type { Progress } from '../../progress.ts'
import { martChecks } from './mart-checks.ts'
import { type MergeCounts, mergeMart } from './merge-mart.ts'
import type { NumberedText } from './numbered-text.ts'
import { Staging } from './staging.ts'

export interface ImportContext {
  readonly config: Pick<Config, 'warehouse' | 'duckdb' | 'rejectsDir'>
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** What an import did; every row read is written, unchanged, or rejected, except what `notes` say was left out. */
export interface ImportReport {
  readonly import: string
  readonly files: readonly string[]
  /** Records in the files. */
  readonly read: number
  readonly written: number
  readonly unchanged: number
  readonly rejected: number
  readonly reasons: readonly { readonly reason: string; readonly rows: number }[]
  readonly rejectsFile: string | null
  readonly marts: readonly MergeCounts[]
  readonly notes: readonly string[]
  readonly seconds: number
}

/** The report without the time, which includes preparing the files. */
export type UntimedReport = Omit<ImportReport, 'seconds'>

/** A staged table that becomes rows of a mart. */
export interface StagedMart {
  readonly mart: Mart
  /** Temporary table with a column `line` and some of the mart's columns, already in the mart's types. */
  readonly table: string
  /** Names the source in the rejects. */
  readonly file: string
  /** The mart's columns that the table has. */
  readonly columns: readonly string[]
}

export interface ImportPlan {
  readonly name: string
  readonly files: readonly string[]
  /**
   * A data set whose ids would collide with other sets of the same family, e.g. `{ family: 'movielens', name: 'ml-100k' }`: one
   * warehouse takes only one of the family.
   */
  readonly dataset?: { readonly family: string; readonly name: string }
  /** Fills temporary tables and says which become marts. */
  readonly stage: (staging: Staging, work: ImportWork) => Promise<readonly StagedMart[]>
}

export interface ImportWork {
  /** Counts records read. */
  readonly read: (records: number) => void
  /** Counts the records of a text, but its header lines, and notes what in it is no text. */
  readonly readText: (text: NumberedText, headerLines: number) => void
  /** Counts records that say the same as another record of the files. */
  readonly unchanged: (records: number) => void
  /** Something a person should know about how the data was understood. */
  readonly note: (text: string) => void
}

/**
 * Runs an import: stages and checks everything in temporary tables, then brings it into the marts in one transaction. A crash, a
 * signal or an error at any time leaves the rows of the warehouse as they were.
 *
 * @throws AppError CONFIG_INVALID (the warehouse is not ours to write) | CONFLICT (it holds the sample, or another set of the
 *   same family) | INPUT_INVALID | WAREHOUSE_FAILED | DISK_FULL | CANCELLED
 */
export async function runImport(context: ImportContext, plan: ImportPlan): Promise<UntimedReport> {
  const { warehouse, duckdb, rejectsDir } = context.config
  if (warehouse.kind !== 'duckdb') {
    throw new AppError(
      'CONFIG_INVALID',
      'Expected an embedded warehouse to import into; WAREHOUSE_URL points to a server, which your own pipelines fill (`contentflow marts ddl` prints its tables). Unset WAREHOUSE_URL.',
    )
  }
  const { path, schema } = warehouse
  const isNew = !existsSync(path)
  const database = await DuckDbDatabase.open({ path, schema, ...duckdb, create: true })
  let committed = false
  try {
    await refuseMixing(database, schema, plan)
    await ensureMarts(database, schema)
    const staging = await Staging.open(database)
    let read = 0
    let repeated = 0
    const notes: string[] = []
    const step = (label: string, done: number): void => {
      if (context.signal.aborted) throw new AppError('CANCELLED', 'Stopped by a signal; nothing was imported.')
      context.progress.update(`import ${plan.name}: ${label}`, done, 3)
    }
    step('reading', 0)
    const staged = await plan.stage(staging, {
      read: (n) => (read += n),
      readText: (text, headerLines) => {
        read += Math.max(0, text.records - headerLines)
        if (text.replacementCharacters > 0) notes.push(replacementsNote(text))
      },
      unchanged: (n) => (repeated += n),
      note: (text) => notes.push(text),
    })
    step('checking', 1)
    await checkRows(staging, staged)
    const rejected = await staging.rejected()
    const rejectsFile = rejected === 0 ? null : await writeRejects(staging, rejectsDir, plan.name)
    step('writing', 2)
    const merged = await database.transaction(async () => {
      const counts: MergeCounts[] = []
      for (const { mart, table, columns } of staged) counts.push(await mergeMart(database, mart, table, columns))
      if (plan.dataset !== undefined) await writeMeta(database, `dataset.${plan.dataset.family}`, plan.dataset.name)
      if (context.signal.aborted) throw new AppError('CANCELLED', 'Stopped by a signal; nothing was imported.')
      return counts
    })
    committed = true
    const sum = (of: (counts: MergeCounts) => number): number => merged.reduce((total, counts) => total + of(counts), 0)
    context.progress.done(`import ${plan.name}`)
    return {
      import: plan.name,
      files: plan.files,
      read,
      written: sum((counts) => counts.inserted + counts.updated),
      unchanged: repeated + sum((counts) => counts.unchanged),
      rejected,
      reasons: await staging.reasons(),
      rejectsFile,
      marts: merged,
      notes,
    }
  } finally {
    await database.close()
    // A first import that failed leaves no empty warehouse behind.
    if (isNew && !committed) await Promise.all([path, `${path}.wal`].map((file) => rm(file, { force: true })))
  }
}

const replacementsNote = ({ source, replacementCharacters: n }: NumberedText): string =>
  `${basename(source)}: ${n === 1 ? '1 character is' : `${n} characters are`} U+FFFD, the mark for bytes that are no UTF-8; if the file is in another encoding, convert it (iconv -f latin1 -t utf-8) and import it again`

/** Rejects the staged rows that break the rules of their mart. */
async function checkRows(staging: Staging, staged: readonly StagedMart[]): Promise<void> {
  for (const { mart, table, file, columns } of staged) {
    await staging.reject(table, file, martChecks(mart, columns))
    await staging.rejectRepeats(table, file, mart.key)
  }
}

/** Runs an import with a folder for prepared text files, removed afterwards, and takes the time of both. */
export async function withScratch(body: (folder: string) => Promise<UntimedReport>): Promise<ImportReport> {
  const startedAt = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'contentflow-import-'))
  try {
    const report = await body(folder)
    return { ...report, seconds: (performance.now() - startedAt) / 1000 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function refuseMixing(database: DuckDbDatabase, schema: string, { name, dataset }: ImportPlan): Promise<void> {
  if ((await readMeta(database, schema, 'synthetic')) === 'true' && name !== 'events') {
    throw new AppError(
      'CONFLICT',
      `The warehouse ${database.path} holds the made-up sample; real data beside it would spoil both. Set DATA_DIR to another folder and import there.`,
    )
  }
  if (dataset === undefined) return
  const present = await readMeta(database, schema, `dataset.${dataset.family}`)
  if (present !== undefined && present !== dataset.name) {
    throw new AppError(
      'CONFLICT',
      `The warehouse ${database.path} already holds ${present}, whose ids mean other users and items than those of ${dataset.name}. Set DATA_DIR to another folder and import there.`,
    )
  }
}

/** Writes the rejects into a file named by its content, so that the same rows, rejected at each run, stand in one file. */
async function writeRejects(staging: Staging, folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const writing = join(folder, `.${name}-${randomUUID()}.writing`)
  try {
    await staging.writeRejects(writing)
    const hash = createHash('sha256')
    await pipeline(createReadStream(writing), hash)
    const file = join(folder, `${name}-${hash.digest('hex').slice(0, 16)}.csv`)
    await rename(writing, file)
    return file
  } finally {
    await rm(writing, { force: true })
  }
}
