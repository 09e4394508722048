import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportCommand } from '../../../cli/export.ts'
import { type Config, loadConfig } from '../../../config.ts'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import type { SqlParameter } from '../../../features/sources/mart-source.ts'
import { openMartSource } from '../../../features/sources/open-mart-source.ts'
import { exportInteractions } from '../../../pipelines/export/interactions.ts'
import { historyOf } from '../../../training/datasets/interactions.ts'
import { splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import { readInteractions } from '../../../training/datasets/read-interactions.ts'
import { runInProcess } from '../../support/in-process-command.ts'
import { createPostgresWorld, writeSmallWorld } from '../../support/small-world.ts'

const postgresUrl = process.env.TEST_POSTGRES_URL

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'export-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const moment = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute))
const event = (id: number, user: string, content: string, minute: number, type = 'view', value: number | null = null) =>
  [
    `e${String(id).padStart(3, '0')}`,
    user,
    content,
    'youtube',
    type,
    moment(minute),
    null,
    null,
    value,
  ] as SqlParameter[]

const world = {
  dim_user: [['gone', null, null, null, null, null, false, null]],
  fct_interactions: [
    event(1, 'a', 'x', 1),
    event(2, 'a', 'y', 2),
    event(3, 'a', 'x', 3, 'like'), // again: the first counts
    event(5, 'a', 'w', 4), // at the time of the next, and after it by its id
    event(4, 'a', 'z', 4),
    event(6, 'b', 'x', 1),
    event(7, 'b', 'y', 2), // two items: not judged, so nothing is left out
    event(8, 'c', 'x', 1, 'skip'),
    event(9, 'c', 'y', 2, 'rating', 2),
    event(10, 'c', 'z', 3, 'rating', 5),
    event(11, 'd', 'y', 1),
    event(12, 'gone', 'x', 1),
    event(13, 'gone', 'y', 2),
    event(14, 'b', 'z', 60), // after the cut
  ],
}
const options = { before: moment(30), minRating: 3, minInteractions: 1 }

const duckDb = async (): Promise<Config> => {
  const config = loadConfig({ DATA_DIR: join(dir, 'data') })
  if (config.warehouse.kind !== 'duckdb') throw new Error('expected the embedded warehouse')
  await writeSmallWorld(config.warehouse.path, 'marts', world)
  return config
}

async function exported(config: Config, given = options): Promise<{ rows: string[]; facts: unknown }> {
  const outDir = join(dir, 'out')
  await exportInteractions({ config, signal: new AbortController().signal }, { outDir, ...given })
  expect(await readdir(outDir)).toEqual(['interactions.parquet', 'training-set.json'])
  const database = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 256, threads: 1 })
  const rows = await database.rows(`select * from read_parquet('${outDir}/interactions.parquet') order by all`)
  await database.close()
  return {
    rows: rows.map(({ user_id, content_id, seconds }) => `${user_id} ${content_id} ${seconds}`).sort(),
    facts: JSON.parse(await readFile(join(outDir, 'training-set.json'), 'utf8')),
  }
}

/** The same by the reader and the split of the recommender job. */
async function learnedFrom(config: Config, given = options): Promise<string[]> {
  const source = await openMartSource(config)
  const all = await readInteractions(source, { ...given, firstOnly: true })
  await source.close()
  const { trainAndValidation: part } = splitLeaveLast(all)
  return part.users
    .flatMap((user, index) =>
      Array.from(
        historyOf(part, index),
        (item, i) => `${user} ${part.items[item]} ${part.times[part.offsets[index]! + i]}`,
      ),
    )
    .sort()
}

describe('the export of interactions', () => {
  it('by hand: first events, without what says no liking, what came later and the last of three', async () => {
    const { rows, facts } = await exported(await duckDb())
    const seconds = (minute: number): number => moment(minute).getTime() / 1000
    // a had x, y, z and w; w is last by its id. Of c only the rating of 5 counts.
    expect(rows).toEqual(
      [`a x ${seconds(1)}`, `a y ${seconds(2)}`, `a z ${seconds(4)}`, `b x ${seconds(1)}`, `b y ${seconds(2)}`]
        .concat([`c z ${seconds(3)}`, `d y ${seconds(1)}`])
        .sort(),
    )
    expect(facts).toEqual({
      format: 1,
      before: '2026-01-01T00:30:00.000Z',
      minRating: 3,
      minInteractions: 1,
      rows: 7,
      users: 4,
      items: 3,
    })
  })

  it.each([options, { ...options, minInteractions: 2 }, { before: moment(90), minRating: 0, minInteractions: 3 }])(
    'with $minInteractions items at least: the training part of the recommender job',
    async (given) => {
      const config = await duckDb()
      expect((await exported(config, given)).rows).toEqual(await learnedFrom(config, given))
    },
  )

  it('nothing before the moment: says so, and leaves no folder that looks finished', async () => {
    const config = await duckDb()
    const early = exported(config, { ...options, before: moment(0) })
    await expect(early).rejects.toMatchObject({
      code: 'DATA_INSUFFICIENT',
      message: expect.stringContaining('--before'),
    })
    await expect(readdir(join(dir, 'out'))).rejects.toThrow('ENOENT')
  })

  it('with --unload: prints the statement for Redshift, with the same condition as a literal', async () => {
    await duckDb()
    const out = join(dir, 'out')
    const role = 'arn:aws:iam::123456789012:role/unload'
    const { code, stdout } = await runInProcess(
      exportCommand(),
      [
        'interactions',
        '--out',
        out,
        '--before',
        '2026-01-01T00:30:00Z',
        '--unload',
        's3://bucket/ts/interactions_',
        '--iam-role',
        role,
      ],
      { DATA_DIR: join(dir, 'data') },
    )
    expect(code).toBe(0)
    expect(stdout).toContain("unload ('select placed.user_id")
    expect(stdout).toContain("i.occurred_at < timestamp ''2026-01-01 00:30:00.000''")
    expect(await readdir(out)).toEqual(['training-set.json'])
  })

  describe.skipIf(!postgresUrl)('from PostgreSQL (skipped: TEST_POSTGRES_URL is not set)', () => {
    it('writes the rows that DuckDB writes', async () => {
      const postgres = await createPostgresWorld(postgresUrl!, world)
      try {
        const config = loadConfig({
          DATA_DIR: join(dir, 'data'),
          WAREHOUSE_URL: postgresUrl!,
          WAREHOUSE_SCHEMA: postgres.schema,
        })
        const { rows } = await exported(config)
        expect(rows).toEqual((await exported(await duckDb())).rows)
      } finally {
        await postgres.drop()
      }
    })
  })
})
