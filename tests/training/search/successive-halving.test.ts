import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import type { FitEnvironment, RecommenderFamily } from '../../../training/families/family.ts'
import { searchSettings, type Trial } from '../../../training/search/successive-halving.ts'
import { checkerboard } from '../checkerboard.ts'
import { fitEnvironment } from '../fit-environment.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'search-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const schema = z.object({ taste: z.number().default(0), other: z.string().default('as it was') })
const fits: { taste: number; learned: number }[] = []

/** Ranks the items of the user's colour first when `taste` is near 1, the others when it is near 0. */
const family: RecommenderFamily<z.infer<typeof schema>> = {
  name: 'tasteful',
  description: 'For the test.',
  orderAware: false,
  config: schema,
  searchSpace: { taste: { from: 0.001, to: 1, scale: 'linear' } },
  estimateBytes: () => 1,
  async fit({ interactions }, { taste }) {
    fits.push({ taste, learned: interactions.itemIndices.length })
    const colour = (item: number): number => Number(interactions.items[item]!.slice('content-'.length)) % 2
    return {
      name: 'tasteful',
      foldsIn: true,
      chosen: {},
      score(_user, history, scores) {
        for (let item = 0; item < scores.length; item++)
          scores[item] = colour(item) === colour(history[0]!) ? taste : 0.5
      },
      similar: () => ({ items: new Int32Array(0), scores: new Float32Array(0) }),
      save: () => ({ json: {}, arrays: {} }),
      close: () => undefined,
    }
  },
  load: () => Promise.reject(new Error('not needed')),
}

const { train, validation } = splitLeaveLast(groupByUser(checkerboard(54, 20), { minInteractions: 1, firstOnly: true }))
const environment = (signal = fitEnvironment.signal): FitEnvironment => ({ ...fitEnvironment, seed: 3, signal })
const search = (
  options: { logFile?: string; onTrial?: (trial: Trial) => void; fixed?: Record<string, unknown> },
  signal?: AbortSignal,
) =>
  searchSettings(
    family as unknown as RecommenderFamily,
    { interactions: train, validation },
    { trials: 9, fixed: {}, ...options },
    environment(signal),
  )

describe('searchSettings', () => {
  it('finds settings that beat the defaults, on ever more users, the defaults among the last', async () => {
    fits.length = 0
    const trials: Trial[] = []
    const best = await search({ onTrial: (trial) => trials.push(trial) })
    expect(best.settings.taste).toBeGreaterThan(0.5)
    expect(best.share).toBe(1)
    // 9 settings on a ninth; the best 3 and the defaults on a third; the best 2 (of 4) and the defaults on all
    expect(trials.map(({ share }) => Number(share.toFixed(2)))).toEqual([
      ...Array(9).fill(0.11),
      ...Array(4).fill(0.33),
      ...Array(3).fill(1),
    ])
    const learned = [...new Set(fits.map((fit) => fit.learned))]
    expect(learned).toEqual([48, 144, 432]) // 6, 18, 54 users of 8 training items
    expect(trials.at(-1)!.settings).toEqual({})
  })

  it('leaves a fixed option out of what it tries and of what it returns', async () => {
    fits.length = 0
    const best = await search({ fixed: { taste: 0.25 } })
    expect(best.settings).toEqual({})
    expect(new Set(fits.map(({ taste }) => taste))).toEqual(new Set([0.25]))
  })

  it('the same seed draws the same settings', async () => {
    expect(await search({})).toEqual(await search({}))
  })

  it('stopped and started again: goes on where it was', async () => {
    const logFile = join(dir, 'trials.ndjson')
    const controller = new AbortController()
    let done = 0
    const stopped = search({ logFile, onTrial: () => void (++done === 5 && controller.abort()) }, controller.signal)
    await expect(stopped).rejects.toThrow()
    fits.length = 0
    const best = await search({ logFile })
    expect(fits).toHaveLength(9 + 4 + 3 - 5)
    expect(best).toEqual(await search({}))
    expect((await readFile(logFile, 'utf8')).trim().split('\n')).toHaveLength(1 + 16)
  })

  it('a log of another search: is refused', async () => {
    const logFile = join(dir, 'other.ndjson')
    await search({ logFile })
    const other = searchSettings(
      family as unknown as RecommenderFamily,
      { interactions: train, validation },
      { trials: 5, fixed: {}, logFile },
      environment(),
    )
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('another search') })
  })
})
