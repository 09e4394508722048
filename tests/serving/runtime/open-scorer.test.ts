import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OpenScorer } from '../../../models/scorer.ts'
import { openBalancedScorer } from '../../../serving/runtime/balanced-scorer.ts'
import { openScorer } from '../../../serving/runtime/open-scorer.ts'
import { ScorerThread } from '../../../serving/runtime/scorer-thread.ts'
import { recommenderWorld } from '../../support/service-world.ts'
import { writeRecommender } from '../../support/small-artifacts.ts'
import { writeEngagement, writeVirality } from '../../support/small-tabular-artifacts.ts'

let root: string
let dir: string
let made = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'contentflow-scorer-'))
})
beforeEach(() => {
  dir = join(root, String(made++))
})
afterAll(() => rm(root, { recursive: true }))

const pairs = (n: number) => ({
  user: { shape: [n], data: new Int32Array(n) },
  item: { shape: [n], data: new Int32Array(n).fill(5) },
})

describe('openScorer', () => {
  it('opens an artifact that proves itself, and scores with it', async () => {
    await writeRecommender(dir, recommenderWorld)
    const scorer = await openScorer(dir)
    const { score } = await scorer.score(pairs(3))
    expect([...score!.data]).toEqual([5, 5, 5]) // [1, 0]·[5, 0]
    await scorer.close()
  })

  it('refuses an artifact whose golden batch it does not reproduce, with both numbers', async () => {
    await writeVirality(dir, { goldenError: 0.2 })
    await expect(openScorer(dir)).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringMatching(/probability\[0\] should be 0\.7, got 0\.5/),
    })
  })

  it('refuses a network that is cut off', async () => {
    await writeEngagement(dir)
    await truncate(join(dir, 'model.onnx'), 100)
    await expect(openScorer(dir)).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringContaining('model.onnx'),
    })
  })

  it('refuses a network with other inputs than the manifest declares', async () => {
    await writeEngagement(dir)
    const file = join(dir, 'manifest.json')
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"categorical"', '"categories"'))
    await expect(openScorer(dir)).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringContaining('categorical'),
    })
  })

  it('refuses a batch of the wrong name, dtype, shape or size, naming the input', async () => {
    await writeRecommender(dir, recommenderWorld)
    const scorer = await openScorer(dir)
    const { user, item } = pairs(2)
    const wrong = [
      { user },
      { user, item: { shape: [2], data: new Float32Array(2) } },
      { user, item: { shape: [2, 1], data: item.data } },
      { user, item: { shape: [3], data: item.data } },
    ]
    for (const inputs of wrong) {
      await expect(scorer.score(inputs)).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        message: expect.stringContaining("'item' expects int32 [-1]"),
      })
    }
    await scorer.close()
  })
})

describe('openBalancedScorer', () => {
  it('scores a long batch in the thread as a short one at once, and leaves the event loop free', async () => {
    await writeRecommender(dir, recommenderWorld)
    const thread = new ScorerThread()
    const scorer = await openBalancedScorer(dir, openScorer, thread)
    expect([...(await scorer.score(pairs(2))).score!.data]).toEqual([5, 5])
    await scorer.score(pairs(2_000_000)) // starts the thread
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const { score } = await scorer.score(pairs(2_000_000))
    clearInterval(timer)
    expect(score!.data).toHaveLength(2_000_000)
    expect(score!.data.every((value) => value === 5)).toBe(true)
    expect(turns).toBeGreaterThan(5)
    await scorer.close()
    await thread.close()
  })

  it('measures a slow network on few rows, so that opening it does not hold up the event loop', async () => {
    await writeRecommender(dir, recommenderWorld)
    const rows: number[] = []
    const slowly: OpenScorer = async (artifactDir) => {
      const scorer = await openScorer(artifactDir)
      return {
        close: () => scorer.close(),
        async score(inputs) {
          rows.push(inputs.user!.shape[0]!)
          await setTimeout(10)
          return scorer.score(inputs)
        },
      }
    }
    const thread = new ScorerThread()
    const scorer = await openBalancedScorer(dir, slowly, thread)
    expect(rows).toEqual([8, 8, 8, 8, 8])
    await scorer.close()
    await thread.close()
  })

  it('passes on what the thread refuses', async () => {
    await writeRecommender(dir, recommenderWorld)
    const thread = new ScorerThread()
    await expect(thread.score(join(root, 'nowhere'), pairs(1))).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
    await expect(thread.score(dir, { user: pairs(1).user })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await thread.close()
  })
})
