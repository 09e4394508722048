import { copyFileSync } from 'node:fs'
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { marts } from '../../../features/marts/index.ts'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { ensureMarts, readMeta } from '../../../features/sources/warehouse-tables.ts'
import { generateSample, type SampleOptions, type SampleResult } from '../../../pipelines/sample/generate-sample.ts'
import { type SampleWorld, sampleWorld } from '../../../pipelines/sample/world.ts'
import { type Progress, silentProgress } from '../../../progress.ts'

const tiny: SampleWorld = { ...sampleWorld('small', 1, 20), users: 150, contents: 120, creators: 10 }
const schema = 'marts'

/** The tiny world, generated once, and what the generator said about it. */
let made: { folder: string; path: string; result: SampleResult }
let folder: string
let path: string

beforeAll(async () => {
  const madeIn = await mkdtemp(join(tmpdir(), 'sample-'))
  path = join(madeIn, 'warehouse.duckdb')
  made = { folder: madeIn, path, result: await generate(tiny) }
})

afterAll(() => rm(made.folder, { recursive: true, force: true }))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sample-'))
  path = join(folder, 'warehouse.duckdb')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const generate = (world: SampleWorld, options: Partial<SampleOptions> = {}): Promise<SampleResult> =>
  generateSample(world, {
    path,
    schema,
    duckdb: { memoryMb: 512, threads: 2 },
    progress: silentProgress,
    signal: new AbortController().signal,
    ...options,
  })

/** Puts the tiny world where `generate` would have put it. */
const copyTiny = (): Promise<void> => copyFile(made.path, path)

/** A warehouse with a row that the generator did not make. */
async function writeReal(file: string): Promise<void> {
  const real = await DuckDbDatabase.open({ path: file, schema, memoryMb: 512, create: true })
  await ensureMarts(real, schema)
  await real.run(`insert into dim_user (user_id, consent_personalization) values ('a real person', true)`)
  await real.close()
}

async function inside<T>(look: (database: DuckDbDatabase) => Promise<T>): Promise<T> {
  const database = await DuckDbDatabase.open({ path, schema, memoryMb: 512 })
  try {
    return await look(database)
  } finally {
    await database.close()
  }
}

/** A fingerprint of every mart: all values of all rows, in the order in which they lie in the file. */
const fingerprints = (): Promise<unknown[]> =>
  inside((database) =>
    Promise.all(
      marts.map(async ({ name }) => {
        const [row] = await database.rows(`select md5(string_agg(r::varchar, '|' order by rowid)) as f from ${name} r`)
        return [name, row!.f]
      }),
    ),
  )

describe('generateSample', () => {
  it('makes the same rows in the same order for the same seed, whatever the number of threads', async () => {
    await generate(tiny, { duckdb: { memoryMb: 512, threads: 1 } })
    const first = await fingerprints()
    await rm(path)
    await generate(tiny, { duckdb: { memoryMb: 512, threads: 4 } })
    expect(await fingerprints()).toEqual(first)
  })

  it('makes another world from another seed', async () => {
    await copyTiny()
    const first = await fingerprints()
    await generate({ ...tiny, seed: 2 })
    const second = await fingerprints()
    for (const [index, { name }] of marts.entries()) expect(second[index], name).not.toEqual(first[index])
  })

  it('fills all marts, says that they are synthetic, and leaves nothing else behind', async () => {
    const { created, rows } = made.result
    expect(created).toBe(true)
    await copyTiny()
    for (const { name } of marts) expect(rows[name], name).toBeGreaterThan(0)
    expect(rows.dim_user).toBe(150)
    expect(await inside((database) => readMeta(database, schema, 'synthetic'))).toBe('true')
    expect(await readdir(made.folder)).toEqual(['warehouse.duckdb'])
  })

  it('keeps every event inside the world and after its content was published', async () => {
    await copyTiny()
    const [row] = await inside((database) =>
      database.rows(`
        select min(occurred_at) >= timestamp '2026-10-12' as begins, max(occurred_at) < timestamp '2026-11-01' as ends,
          bool_and(occurred_at >= published_at) as published, count(*) = count(distinct event_id) as distinct_ids
        from fct_interactions join dim_content using (content_id)`),
    )
    expect(row).toEqual({ begins: true, ends: true, published: true, distinct_ids: true })
  })

  it('lets user-1, content-1 and creator-1 be there with a history: examples use them', async () => {
    await copyTiny()
    const [row] = await inside((database) =>
      database.rows(`
        select (select count(*) from fct_interactions where user_id = 'user-1') as events,
          (select count(*) from dim_user where user_id = 'user-1' and deleted_at is null and consent_personalization) as person,
          (select count(*) from dim_content where content_id = 'content-1') as content,
          (select count(*) from dim_content where creator_id = 'creator-1') as posts`),
    )
    expect(Number(row!.events)).toBeGreaterThan(0)
    expect(row).toMatchObject({ person: 1, content: 1 })
    expect(Number(row!.posts)).toBeGreaterThanOrEqual(4)
  })

  it('changes nothing when the same world is there already', async () => {
    await copyTiny()
    expect(await generate(tiny)).toEqual({ created: false, rows: made.result.rows })
  })

  it('replaces another sample', async () => {
    await copyTiny()
    const { rows } = await generate({ ...tiny, seed: 2, users: 60, size: 'medium' })
    expect(rows.dim_user).toBe(60)
  })

  it('refuses to write over data that it did not make, and leaves it alone', async () => {
    await writeReal(path)
    await expect(generate(tiny)).rejects.toMatchObject({ code: 'CONFLICT', message: /dim_user: 1 rows.*DATA_DIR/s })
    expect(await inside((database) => database.rows('select user_id from dim_user'))).toEqual([
      { user_id: 'a real person' },
    ])
  })

  it('refuses to write over data that was imported while it ran, and leaves it alone', async () => {
    const imported = join(folder, 'imported.duckdb')
    await writeReal(imported)
    const importAtSessions: Progress = {
      update: (_label, _done, _total, note) => {
        if (note === 'sessions') copyFileSync(imported, path)
      },
      done: () => undefined,
    }
    await expect(generate(tiny, { progress: importAtSessions })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await inside((database) => database.rows('select user_id from dim_user'))).toEqual([
      { user_id: 'a real person' },
    ])
    expect(await readdir(folder)).toEqual(['imported.duckdb', 'warehouse.duckdb'])
  })

  it('keeps the old world when it is stopped midway, and cleans up after itself', async () => {
    await copyTiny()
    const before = await fingerprints()
    const controller = new AbortController()
    const stopAtSessions: Progress = {
      update: (_label, _done, _total, note) => {
        if (note === 'sessions') controller.abort()
      },
      done: () => undefined,
    }
    const stopped = generate({ ...tiny, seed: 9 }, { progress: stopAtSessions, signal: controller.signal })
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
    expect(await fingerprints()).toEqual(before)
    expect(await readdir(folder)).toEqual(['warehouse.duckdb'])
  })

  it('removes the unfinished file of a generator that was killed', async () => {
    // 2³² is above the highest process id of any system
    await writeFile(`${path}.draft-4294967296`, 'half a world')
    await generate(tiny)
    expect(await readdir(folder)).toEqual(['warehouse.duckdb'])
  })
})

describe('sampleWorld', () => {
  it.each([
    [-1, 90, /--seed is -1; expected an integer from 0 to 4294967295/],
    [Number.NaN, 90, /--seed is NaN/],
    [1, 13, /--days is 13; expected an integer from 14 to 365/],
  ])('refuses seed %d and %d days, and says what is expected', (seed, days, message) => {
    expect(() => sampleWorld('small', seed, days)).toThrowError(message)
  })

  it('ends on the same day whatever its length', () => {
    // 31 October 2026 24:00 UTC = 1793491200 s; 14 days before: − 1209600
    expect(sampleWorld('small', 1, 14).start).toBe(1_792_281_600)
  })
})
