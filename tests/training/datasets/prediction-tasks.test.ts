import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPredictionTable } from '../../../training/datasets/prediction-table.ts'
import { publicTasks, publicTasksNamed } from '../../../training/datasets/prediction-tasks/prediction-tasks.ts'
import { writeParts } from '../../../training/datasets/prediction-tasks/write-parts.ts'

const shared = join(import.meta.dirname, '../../../../shared/data')

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'prediction-tasks-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function tableOf(name: string, options: { fold?: number; beforeTest?: boolean } = {}) {
  const [task] = publicTasksNamed(name)
  const files = await writeParts(task!, { dataDir: shared, outDir: dir, fold: 0, beforeTest: false, ...options })
  return readPredictionTable(files, task!.columns)
}
const sizes = ({ parts }: Awaited<ReturnType<typeof tableOf>>): number[] =>
  [parts.train, parts.valid, parts.test].map((rows) => rows.length)

describe('publicTasksNamed', () => {
  it('all, some, and none of that name', () => {
    expect(publicTasksNamed(undefined)).toBe(publicTasks)
    expect(publicTasksNamed('youtube-day3, news-shares').map(({ name }) => name)).toEqual([
      'youtube-day3',
      'news-shares',
    ])
    expect(() => publicTasksNamed('nope')).toThrow(/There is no task nope; expected news-popular, /)
  })
})

describe('writeParts', () => {
  it('says what data it does not find', async () => {
    const [task] = publicTasksNamed('cdnow-inactive')
    const options = { dataDir: join(dir, 'nowhere'), outDir: dir, fold: 0, beforeTest: false }
    await expect(writeParts(task!, options)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/The data of cdnow-inactive cannot be read from .*nowhere/),
    })
  })

  const why = existsSync(shared) ? '' : ' (skipped: the public data sets are not beside the project)'
  describe.skipIf(!existsSync(shared))(`on the public data sets${why}`, () => {
    it.each([
      ['news-popular', [10_976, 3659, 3659]],
      ['instagram-engagement', [44_768, 6227, 6334]],
      ['youtube-views', [10_408, 2584, 3314]],
      ['youtube-titles', [1574, 394, 715]],
      ['posting-time', [44_768, 6227, 6334]],
    ])('%s has the rows of the published reference', async (name, expected) => {
      expect(sizes(await tableOf(name))).toEqual(expected)
    })

    it('only rows with an outcome: videos that were still listed a day, and three days, later', async () => {
      expect(sizes(await tableOf('youtube-day1')).at(-1)).toBe(1636)
      expect(sizes(await tableOf('youtube-day3')).at(-1)).toBe(393)
    })

    it('windows move on by a thousand articles', async () => {
      const first = await tableOf('news-windows', { fold: 0 })
      const second = await tableOf('news-windows', { fold: 1 })
      expect([sizes(first), sizes(second)]).toEqual([
        [8000, 2000, 1000],
        [8000, 2000, 1000],
      ])
      const outcomes = (table: typeof first, from: number, to: number): number[] => [...table.target.subarray(from, to)]
      expect(outcomes(first, 1000, 11_000)).toEqual(outcomes(second, 0, 10_000))
    })

    it('before the test: its rows are not among those that are read', async () => {
      const whole = await tableOf('cdnow-inactive')
      const before = await tableOf('cdnow-inactive', { beforeTest: true })
      const [train, valid] = sizes(whole)
      expect(sizes(before).at(-1)).toBe(valid)
      expect(before.rowCount).toBe(train! + valid!)
      expect(sizes(before)[1]).toBeCloseTo(train! / 5, -1)
    })

    it('what the texts of a video are, and no outcome among the features', async () => {
      const table = await tableOf('youtube-titles')
      expect(table.textNames).toEqual(['title', 'tags', 'description'])
      expect([...table.numericNames, ...table.categoricalNames]).not.toContain('views')
      const early = await tableOf('youtube-views')
      expect([...early.numericNames, ...early.categoricalNames].sort()).toEqual(
        [
          ...['category', 'channel', 'channel_chars', 'days_since', 'hour', 'last1', 'max_all', 'mean10', 'mean3'],
          ...['mean_all', 'min_all', 'n_past', 'sd_all', 'weekday'],
        ].sort(),
      )
    })

    it('an author’s past: outcomes a day old, and posts of any age', async () => {
      const { numericNames, featureCount, numeric, rowCount } = await tableOf('instagram-engagement')
      const column = (name: string): Float32Array => {
        const at = numericNames.indexOf(name)
        return Float32Array.from({ length: rowCount }, (_, row) => numeric[row * featureCount + at]!)
      }
      const [past, last, low, high] = [column('n_past'), column('last1'), column('min60'), column('max60')]
      const [since, sinceAny, decayed] = [column('hours_since'), column('hours_since_any'), column('decayed70')]
      const known = [...past.keys()].filter((row) => past[row]! > 0)
      expect(known.length).toBeGreaterThan(40_000)
      expect(Math.min(...known.map((row) => since[row]!))).toBeGreaterThanOrEqual(24)
      expect(known.every((row) => sinceAny[row]! <= since[row]! + 0.02)).toBe(true)
      expect(known.every((row) => decayed[row]! >= low[row]! - 1e-4 && decayed[row]! <= high[row]! + 1e-4)).toBe(true)
      const single = known.find((row) => past[row] === 1)!
      expect(decayed[single]).toBeCloseTo(last[single]!, 5)
    })

    it('rates of a video that is out already', async () => {
      const { numericNames, featureCount, numeric } = await tableOf('youtube-day1')
      const rates = ['likes_per_view', 'comments_per_view', 'dislikes_per_like', 'views_per_day']
      expect(numericNames).toEqual(expect.arrayContaining(rates))
      const of = (name: string): number => numeric[numericNames.indexOf(name)]!
      expect(featureCount).toBe(numericNames.length)
      expect(of('likes_per_view')).toBeCloseTo(of('log_likes') - of('y'), 4)
      expect(of('views_per_day')).toBeCloseTo(of('y') - Math.log(of('age')), 4)
    })
  })
})
