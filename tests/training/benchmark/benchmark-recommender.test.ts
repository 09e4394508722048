import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { silentProgress } from '../../../progress.ts'
import { type BenchmarkRequest, benchmarkRecommender } from '../../../training/benchmark/benchmark-recommender.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'benchmark-'))
  await writeFile(join(dir, 'train.csv'), 'user,item,time\na,x,1\na,y,2\nb,x,3\nb,z,4\nc,x,5\n')
  await writeFile(join(dir, 'test.csv'), 'user,item,time\nc,y,6\n')
  await writeFile(join(dir, 'items.csv'), 'item,text\nx,red apple\ny,green grape\nz,red apple pie\n')
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const run = (model: string, settings: Record<string, string>, overrides: Partial<BenchmarkRequest> = {}) =>
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
    ...overrides,
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

  describe('on thirty users of two tastes', () => {
    const file = (name: string): string => join(dir, name)
    const data = (test: string, valid: string | undefined = file('valid.txt')) =>
      ({ kind: 'given', train: file('train.txt'), valid, test: file(test), items: undefined }) as const
    beforeAll(async () => {
      // User u had items u … u + 5 of fifteen of the own colour; the next one validates, the one after it is the test.
      const lines = (from: number, to: number): string =>
        Array.from({ length: 30 }, (_, user) =>
          [
            `user${user}`,
            ...Array.from({ length: to - from }, (_, i) => `item${user % 2}-${(user + from + i) % 15}`),
          ].join(' '),
        ).join('\n')
      await writeFile(file('train.txt'), lines(0, 6))
      await writeFile(file('valid.txt'), `${lines(6, 7)}\nstranger item0-0\n`)
      await writeFile(file('test.txt'), lines(7, 8))
      const odd = Array.from({ length: 300 }, (_, i) => `unheard${i}`).join(' ')
      await writeFile(file('more.txt'), `${lines(7, 8)}\nuser0 ${odd}\n`)
      await writeFile(file('some.txt'), lines(6, 7).split('\n').slice(0, 10).join('\n'))
    })
    it.each([
      ['bpr', 'embeddingSize'],
      ['gmf', 'gmfSize'],
    ])('%s: what it learns and chooses does not depend on the test part', async (model, size) => {
      const small = { epochs: '4', [size]: '4' }
      const metrics = ['hr@10']
      const plain = await run(model, small, { data: data('test.txt'), metrics })
      const more = await run(model, small, { data: data('more.txt'), metrics })
      expect(more.items).toBe(plain.items)
      expect(more.chosen).toEqual(plain.chosen)
      // Of user 0 the one item counts among 301, and of all others nothing has changed.
      expect(more.metrics).toEqual(plain.metrics)
    })

    it('held-out pairs that nobody can be judged by are counted by their part', async () => {
      const { unjudged } = await run('popularity', {}, { data: data('test.txt') })
      expect(unjudged).toEqual({ validation: 1, test: 0 })
    })

    it('before the test, the validation file judges', async () => {
      const request = { metrics: ['hr@10'], part: 'validation' } as const
      const judged = await run('item-knn', {}, { data: data('test.txt', file('some.txt')), ...request })
      expect(judged.users).toBe(10)
      expect(judged.interactions).toBe(180)
      const byTheLast = await run('item-knn', {}, { ...request, data: { ...data('test.txt'), valid: undefined } })
      expect(byTheLast).toMatchObject({ users: 30, interactions: 150 })
    })

    it('a search leaves alone what reads times: those of a published split mean nothing', async () => {
      const { chosen } = await run('popularity', {}, { data: data('test.txt'), trials: 4 })
      expect(chosen).not.toHaveProperty('halfLifeDays')
    })
  })
})
