import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { openMartSource } from '../../features/sources/open-mart-source.ts'
import { type UnloadTarget, unloadSql } from '../../features/sources/redshift-unload.ts'
import { writeDurably } from '../../features/store/durable-file.ts'
import { exportRows } from '../../features/store/export-rows.ts'
import { type TrainingSetFacts, trainingSetFile } from '../../training/datasets/training-set-facts.ts'
import {
  type TrainingSetOptions,
  trainingSetColumns,
  trainingSetSql,
} from '../../training/datasets/training-set-sql.ts'

export interface InteractionExport extends TrainingSetOptions {
  readonly outDir: string
  /** Where Redshift is to write; then the statement is returned and nothing but the facts is written here. */
  readonly unload?: UnloadTarget | undefined
}

/**
 * Writes the recommender's training part as `interactions.parquet` (user_id, content_id, seconds) and, last, `training-set.json`. Running it
 * again replaces both.
 *
 * @returns the facts, and with `unload` the statement that writes the rows from Redshift
 * @throws AppError DATA_INSUFFICIENT when there is nothing to learn from; WAREHOUSE_* | DISK_FULL | INPUT_INVALID
 */
export async function exportInteractions(
  { config, signal }: { readonly config: Config; readonly signal: AbortSignal },
  { outDir, unload, ...options }: InteractionExport,
): Promise<{ facts: TrainingSetFacts; statement: string | undefined }> {
  const select = trainingSetSql(options)
  const statement = unload && unloadSql(select.sql, select.parameters, unload)
  const source = await openMartSource(config)
  try {
    const facts = { ...factsOf(options), ...(await countsOf(source, select)) }
    if (facts.rows === 0) {
      throw new AppError(
        'DATA_INSUFFICIENT',
        `fct_interactions has nothing to learn from before ${facts.before}. Import interactions first, or give a later --before.`,
      )
    }
    await mkdir(outDir, { recursive: true })
    const factsFile = join(outDir, trainingSetFile)
    await rm(factsFile, { force: true })
    if (statement === undefined) {
      const file = join(outDir, 'interactions.parquet')
      await exportRows(source, select, trainingSetColumns, file, config.duckdb, signal)
    }
    await writeDurably(factsFile, `${JSON.stringify(facts, null, 2)}\n`)
    return { facts, statement }
  } finally {
    await source.close()
  }
}

const factsOf = ({ before, minRating, minInteractions }: TrainingSetOptions) =>
  ({ format: 1, before: before.toISOString(), minRating, minInteractions }) as const

async function countsOf(
  source: MartSource,
  { sql, parameters }: ReturnType<typeof trainingSetSql>,
): Promise<Pick<TrainingSetFacts, 'rows' | 'users' | 'items'>> {
  const count = (of: string): string => `cast(count(${of}) as double precision)`
  const [row] = await source.rows(
    `select ${count('*')} as rows_, ${count('distinct user_id')} as users_, ${count('distinct content_id')} as items_ from (${sql}) training_set`,
    parameters,
  )
  return { rows: Number(row!.rows_), users: Number(row!.users_), items: Number(row!.items_) }
}
