import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeMarkdown } from '../../../cli/bench/recommend-text.ts'
import type { BenchmarkResult } from '../../../training/benchmark/benchmark-recommender.ts'

let dir: string
let file: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recommend-text-'))
  file = join(dir, 'quality.md')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const row = (model: string, value: number, metric = 'ndcg@10'): BenchmarkResult => ({
  model,
  metrics: { [metric]: { value, low: value - 0.01, high: value + 0.01 } },
  fitSeconds: 1,
  evaluateSeconds: 2,
  cpuSeconds: 3,
  peakMb: 100,
  chosen: {},
  users: 10,
  items: 20,
  interactions: 30,
  unjudged: { validation: 0, test: 0 },
})

const models = async (): Promise<string[]> =>
  [...(await readFile(file, 'utf8')).matchAll(/^\| ([a-z][a-z-]*) \| /gm)].map(([, model]) => model!)

describe('writeMarkdown', () => {
  it('puts a row into the table that is there, in the order of the families, and leaves the text around it alone', async () => {
    await writeFile(file, 'before\n<!-- begin ml1m -->\n<!-- end ml1m -->\nafter\n')
    await writeMarkdown(file, 'ml1m', [row('ease', 0.5)])
    await writeMarkdown(file, 'ml1m', [row('popularity', 0.2)])
    const text = await readFile(file, 'utf8')
    expect(await models()).toEqual(['model', 'popularity', 'ease'])
    expect(text).toMatch(/^before\n<!-- begin ml1m -->\n/)
    expect(text).toMatch(/<!-- end ml1m -->\nafter\n$/)
    expect(text).toContain('| ease | .5000 [.4900, .5100] | 1.0 | 2.0 | 3.0 | 100 |')
  })

  it('takes the newer figures of a model, and does not touch the table of another suite', async () => {
    await writeMarkdown(file, 'ml1m', [row('ease', 0.5)])
    await writeMarkdown(file, 'ml100k', [row('ease', 0.7)])
    await writeMarkdown(file, 'ml1m', [row('ease', 0.6)])
    const text = await readFile(file, 'utf8')
    expect(text).not.toContain('.5000')
    expect(text.indexOf('.6000')).toBeLessThan(text.indexOf('.7000'))
    expect(await models()).toEqual(['model', 'ease', 'model', 'ease'])
  })

  it('drops rows of other columns: they cannot stand in one table', async () => {
    await writeMarkdown(file, 'ml1m', [row('ease', 0.5)])
    await writeMarkdown(file, 'ml1m', [row('bpr', 0.5, 'recall@20')])
    expect(await models()).toEqual(['model', 'bpr'])
  })

  it('keeps what a model failed of in its row, and leaves no half-written file behind', async () => {
    await writeMarkdown(file, 'ml1m', [row('ease', 0.5), { model: 'bpr', error: 'TOO_LARGE: 9 GB', leftOut: true }])
    expect(await readFile(file, 'utf8')).toContain('| bpr | TOO_LARGE: 9 GB |')
    expect(await readdir(dir)).toEqual(['quality.md'])
  })
})
