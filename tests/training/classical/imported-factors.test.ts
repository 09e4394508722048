import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { type FactorFacts, importFactors, readFactorFacts } from '../../../training/classical/imported-factors.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factors-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

// Content z is known, and was not learned from.
const grouped = groupByUser(
  { userIds: ['a', 'a', 'b'], itemIds: ['x', 'y', 'y'], times: [1, 2, 3] },
  { minInteractions: 1, firstOnly: true },
)
const fitted = { ...grouped, items: [...grouped.items, 'z'] }
const facts: FactorFacts = {
  format: 1,
  rank: 2,
  settings: { l2: 0.1 },
  trainingSet: {
    format: 1,
    before: '2026-01-01T00:00:00.000Z',
    minRating: null,
    minInteractions: 1,
    rows: 3,
    users: 2,
    items: 2,
  },
}

const users = `select * from (values ('b', [0, 1]), ('a', [1, 2])) as t(user_id, factors)`
const items = `select * from (values ('y', [3, 0.5]), ('x', [10, 0])) as t(content_id, factors)`

/** Parquet folders as Spark leaves them. */
async function write(given: { users?: string; items?: string } = {}): Promise<void> {
  const database = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 256, threads: 1 })
  for (const [name, sql] of Object.entries({ users, items, ...given })) {
    await mkdir(join(dir, name), { recursive: true })
    await database.run(`copy (${sql}) to '${join(dir, name, 'part-00000.snappy.parquet')}' (format parquet)`)
    await writeFile(join(dir, name, '_SUCCESS'), '')
  }
  await database.close()
}

describe('factors fitted elsewhere', () => {
  it('in any order of rows: score by their product, by the ids of the training set', async () => {
    await write()
    const model = await importFactors(dir, facts, fitted)
    const scores = new Float32Array(3)
    model.score(fitted.users.indexOf('a'), new Int32Array(0), scores)
    // a = (1, 2): x = (10, 0) → 10; y = (3, ½) → 4; z was not learned from
    expect([...scores]).toEqual([10, 4, 0])
    expect(model.serving!().historyLength).toBeUndefined()
  })

  it.each([
    [
      'a missing column',
      { users: `select user_id from (${users})` },
      'expected the columns user_id and factors; got user_id',
    ],
    [
      'another width',
      { users: `select user_id, factors || [7] as factors from (${users})` },
      'expected vectors of 2 numbers; b has 3',
    ],
    [
      'no vector',
      { items: `select content_id, null::float[] as factors from (${items})` },
      'expected vectors of 2 numbers; y has 0',
    ],
    ['a NaN', { items: `${items} union all select 'z', [1, 'nan'::float]` }, 'the vector of z has a NaN'],
    ['an id twice', { users: `${users} union all ${users}` }, 'expected each user_id once'],
    ['an unknown id', { users: `${users} union all select 'c', [1, 1]` }, 'the user c is not in it'],
    ['a missing item', { items: `${items} limit 1` }, 'every content in the training set; 1 have none, e.g. x'],
  ])('%s: refuses with what was expected', async (_, given, message) => {
    await write(given)
    await expect(importFactors(dir, facts, fitted)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(message),
    })
  })

  it('files that are no Parquet, or none: says which folder', async () => {
    await write()
    await writeFile(join(dir, 'items', 'part-00001.parquet'), 'half a fi')
    await expect(importFactors(dir, facts, fitted)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(join(dir, 'items')),
    })
    await rm(join(dir, 'users'), { recursive: true })
    await expect(importFactors(dir, facts, fitted)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(join(dir, 'users')),
    })
  })

  it('a fit that was not finished, or another format: refuses', async () => {
    await expect(readFactorFacts(dir)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('ENOENT'),
    })
    await writeFile(join(dir, 'factors.json'), JSON.stringify({ ...facts, format: 2 }))
    await expect(readFactorFacts(dir)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('format'),
    })
    await writeFile(join(dir, 'factors.json'), JSON.stringify(facts))
    expect(await readFactorFacts(dir)).toEqual(facts)
  })
})
