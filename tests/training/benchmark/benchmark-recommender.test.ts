import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { silentProgress } from '../../../progress.ts'
import { benchmarkRecommender } from '../../../training/benchmark/benchmark-recommender.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'benchmark-'))
  await writeFile(join(dir, 'train.csv'), 'user,item,time\na,x,1\na,y,2\nb,x,3\nb,z,4\nc,x,5\n')
  await writeFile(join(dir, 'test.csv'), 'user,item,time\nc,y,6\n')
  await writeFile(join(dir, 'items.csv'), 'item,text\nx,red apple\ny,green grape\nz,red apple pie\n')
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const run = (model: string, settings: Record<string, string>) =>
  benchmarkRecommender({
    data: {
      kind: 'given',
      train: join(dir, 'train.csv'),
      valid: undefined,
      test: join(dir, 'test.csv'),
      items: model === 'content' ? join(dir, 'items.csv') : undefined,
    },
    part: 'test',
    model,
    metrics: ['recall@1'],
    trials: 0,
    seed: 1,
    settings,
    backend: 'wasm',
    log: silentLogger,
    progress: silentProgress,
    signal: new AbortController().signal,
  })

describe('benchmarkRecommender', () => {
  it('popularity: ranks what the user has not had', async () => {
    // c had x; y and z have one user each, and y was first: found at rank 1
    expect(await run('popularity', {})).toMatchObject({ users: 1, metrics: { 'recall@1': { value: 1 } } })
  })

  it('content: reads what the items file says', async () => {
    // c had x, a red apple: the pie comes first, so y, which is the answer, comes second
    expect(await run('content', {})).toMatchObject({ metrics: { 'recall@1': { value: 0 } } })
  })

  it.each([
    ['popularity', 'halfLifeDays', '30'],
    ['neu-mf', 'recencyHalfLifeDays', '30'],
    ['neu-mf', 'timeAwareNegatives', 'true'],
  ])('%s: refuses %s, as the times of a split are no seconds', async (model, option, value) => {
    await expect(run(model, { [option]: value })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`${option}: a published split has positions for times`),
    })
  })

  it('refuses an option that the given split decides, instead of dropping it', async () => {
    await expect(run('gmf', { minRating: '4' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('minRating'),
    })
  })
})
