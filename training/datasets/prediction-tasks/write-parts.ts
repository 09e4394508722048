import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../errors.ts'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { literal, quoteName } from '../../../features/sources/sql-text.ts'
import { type PartFiles, partNames } from '../table-parts.ts'
import type { PublicTask } from './prediction-tasks.ts'

export interface WritePartsOptions {
  /** Folder of the public data sets. */
  readonly dataDir: string
  /** Where the files go. */
  readonly outDir: string
  /** From 0. */
  readonly fold: number
  /** Leaves the test part alone: the validation part stands for it, and the last fifth of the training part validates. For choosing settings. */
  readonly beforeTest: boolean
}

/**
 * Writes the parts of a public task as Parquet files: what `bench tabular` reads.
 *
 * @throws AppError INPUT_INVALID when its data is not there, or is not what the task expects
 */
export async function writeParts(task: PublicTask, options: WritePartsOptions): Promise<PartFiles> {
  const { dataDir, outDir, fold, beforeTest } = options
  const database = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 2048 })
  try {
    await database.run(`set variable fold = ${fold}`)
    await database.run(`create macro data_file(name) as ${literal(dataDir)} || '/' || name`)
    await database.run(await readFile(join(import.meta.dirname, task.sql), 'utf8'))
    if (beforeTest) await forgetTest(database)
    const files = Object.fromEntries(partNames.map((part) => [part, join(outDir, `${part}.parquet`)]))
    for (const part of partNames) {
      await database.run(
        `copy (select * exclude (part) from parts where part = '${part}' and ${quoteName(task.columns.target)} is not null)
         to ${literal(files[part]!)} (format parquet)`,
      )
    }
    return files as PartFiles
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    throw new AppError('INPUT_INVALID', `The data of ${task.name} cannot be read from ${dataDir}: ${reason}`, {
      cause: error,
    })
  } finally {
    await database.close()
  }
}

async function forgetTest(database: DuckDbDatabase): Promise<void> {
  await database.run(
    `create or replace table parts as
     select * exclude (part, place),
       case when part = 'valid' then 'test'
            when place <= 0.8 * max(place) over (partition by part) then 'train' else 'valid' end as part
     from (select *, row_number() over (partition by part order by rowid) as place from parts where part <> 'test')
     order by part, place`,
  )
}
