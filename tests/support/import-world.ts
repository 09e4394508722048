import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import type { ImportContext, ImportReport } from '../../pipelines/import/run-import.ts'
import { silentProgress } from '../../progress.ts'

type Row = Record<string, string | number | boolean | null>

/** A data folder of its own, with files to import and a look at what arrived. */
export interface ImportWorld {
  readonly folder: string
  readonly warehouse: string
  readonly context: ImportContext
  /** Writes a file below the folder and returns its path. */
  readonly file: (name: string, content: string | Uint8Array) => Promise<string>
  readonly rows: (sql: string) => Promise<Row[]>
  /** The rejects file of a report, without its header line. */
  readonly rejects: (report: ImportReport) => Promise<string[]>
  readonly remove: () => Promise<void>
}

export async function createImportWorld(signal: AbortSignal = new AbortController().signal): Promise<ImportWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'contentflow-test-'))
  const warehouse = join(folder, 'data', 'warehouse.duckdb')
  return {
    folder,
    warehouse,
    context: {
      config: {
        warehouse: { kind: 'duckdb', path: warehouse, schema: 'marts' },
        duckdb: { memoryMb: 512, threads: 1 },
        rejectsDir: join(folder, 'data', 'rejects'),
      },
      progress: silentProgress,
      signal,
    },
    async file(name, content) {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
      return path
    },
    async rows(sql) {
      const database = await DuckDbDatabase.open({
        path: warehouse,
        schema: 'marts',
        memoryMb: 512,
        threads: 1,
        readOnly: true,
      })
      try {
        return await database.rows(sql)
      } finally {
        await database.close()
      }
    },
    async rejects(report) {
      if (report.rejectsFile === null) return []
      return (await readFile(report.rejectsFile, 'utf8')).trim().split('\n').slice(1)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
