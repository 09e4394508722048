import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../log.ts'
import { paddedHistories } from '../../models/payloads/recommender.ts'
import { openBackend } from '../../training/backend/select-backend.ts'
import { groupByUser } from '../../training/datasets/group-by-user.ts'
import { historyOf, type Interactions } from '../../training/datasets/interactions.ts'
import { splitLeaveLast } from '../../training/datasets/interactions-split.ts'
import { rankUsers } from '../../training/evaluation/rank-users.ts'
import { familyNames, loadFamily } from '../../training/families/all-families.ts'
import {
  type FitEnvironment,
  type FittedRecommender,
  type ItemContent,
  type SavedRecommender,
  unknownUser,
} from '../../training/families/family.ts'
import { fitFamily, sizeOf } from '../../training/families/fit-family.ts'
import { checkerboard } from '../training/checkerboard.ts'
import { fitEnvironment } from '../training/fit-environment.ts'

// What every family must do, whatever it is made of. A family that is listed in all-families.ts is tested by this.

/** Settings that make a family learn the small board in seconds, where its defaults are meant for more data. */
const smallSettings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  hybrid: { components: ['next-item', 'ease'] },
  gmf: { gmfSize: 8, epochs: 30, batchSize: 64, learningRate: 0.02, l2: 0.001 },
  mlp: { mlpSize: 8, hiddenSizes: [16, 8], epochs: 60, batchSize: 64, learningRate: 0.02, l2: 0.001 },
  'neu-mf': { gmfSize: 8, mlpSize: 8, hiddenSizes: [16, 8], epochs: 30, batchSize: 64, learningRate: 0.02, l2: 0.001 },
  'two-tower': {
    embeddingSize: 16,
    hiddenSize: 32,
    windowLength: 16,
    batchWindows: 4,
    averaging: 0.9,
    learningRate: 0.02,
    epochs: 12,
  },
  sequential: {
    embeddingSize: 16,
    heads: 1,
    blocks: 1,
    windowLength: 16,
    batchWindows: 4,
    negatives: 32,
    averaging: 0.9,
    dropout: 0.6,
    learningRate: 0.02,
    epochs: 12,
  },
}

/** Share of withheld items that must come first; 1 where nothing is said. Popularity knows no colours. */
const foundFirst: Readonly<Record<string, number>> = { popularity: 0 }

const environment = (seed = 7): FitEnvironment => ({ ...fitEnvironment, seed })

const group = (events: readonly (readonly [string, string])[]): Interactions =>
  groupByUser(
    { userIds: events.map(([user]) => user), itemIds: events.map(([, item]) => item), times: events.map((_, i) => i) },
    { minInteractions: 1, firstOnly: false },
  )

const colourOf = (id: string): number => Number(id.slice('content-'.length)) % 2

/** Items of one colour share their words and their category. */
const contentOf = ({ items }: Interactions): ItemContent => ({
  texts: items.map((id) => (colourOf(id) === 0 ? 'red square' : 'blue round thing')),
  categories: { colour: items.map((id) => (colourOf(id) === 0 ? 'even' : 'odd')) },
  numbers: {},
})

async function fitted(name: string, interactions: Interactions, seed?: number): Promise<FittedRecommender> {
  const family = await loadFamily(name)
  const config = family.config.parse(smallSettings[name] ?? {})
  return fitFamily(family, { interactions, content: contentOf(interactions) }, config, environment(seed))
}

const scoresOf = (model: FittedRecommender, data: Interactions, user: number, history?: Int32Array): Float32Array => {
  const scores = new Float32Array(data.items.length).fill(Number.NaN)
  model.score(user, history ?? (user < 0 ? new Int32Array(0) : historyOf(data, user)), scores)
  return scores
}

/** As what a file gives back: JSON through its text, arrays as copies. */
const throughFile = ({ json, arrays }: SavedRecommender): SavedRecommender => ({
  json: JSON.parse(JSON.stringify(json)) as Record<string, unknown>,
  arrays: Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values.slice()])),
})

const board = groupByUser(checkerboard(50, 40), { minInteractions: 1, firstOnly: true })
const split = splitLeaveLast(board)
const learned = split.trainAndValidation

describe.each(familyNames)('%s', (name) => {
  it('has defaults, a search space of its own options, and an estimate that grows with the data', async () => {
    const family = await loadFamily(name)
    const defaults = family.config.parse({})
    expect(Object.keys(defaults as object)).toEqual(expect.arrayContaining(Object.keys(family.searchSpace)))
    const small = family.estimateBytes({ users: 100, items: 100, interactions: 1000 }, defaults)
    const large = family.estimateBytes({ users: 100_000, items: 50_000, interactions: 5_000_000 }, defaults)
    expect(small).toBeGreaterThan(0)
    expect(large).toBeGreaterThan(small)
  })

  it('on a checkerboard: ranks the withheld diagonal first, and leaves no tensor behind', async () => {
    const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
    const before = tf.memory().numTensors
    const model = await fitted(name, learned)
    const lists = await rankUsers(model, learned, split.test, 1)
    model.close()
    const found = lists.filter((list, i) => list[0] === split.test.items[i]![0]).length / lists.length
    expect(found).toBeGreaterThanOrEqual(foundFirst[name] ?? 1)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('saved and loaded: the same scores for a user, a history and nobody', async () => {
    const model = await fitted(name, learned)
    const family = await loadFamily(name)
    const loaded = await family.load(throughFile(model.save()), sizeOf(learned))
    for (const [user, history] of [
      [3, historyOf(learned, 3)],
      [unknownUser, historyOf(learned, 4)],
      [unknownUser, new Int32Array(0)],
    ] as const) {
      expect(scoresOf(loaded, learned, user, history)).toEqual(scoresOf(model, learned, user, history))
    }
    expect(loaded.name).toBe(model.name)
    expect(loaded.foldsIn).toBe(model.foldsIn)
    model.close()
    loaded.close()
  })

  it('fitted twice with one seed: the same scores', async () => {
    const [one, two] = [await fitted(name, learned), await fitted(name, learned)]
    expect(scoresOf(one, learned, 5)).toEqual(scoresOf(two, learned, 5))
    one.close()
    two.close()
  })

  it('a new visitor: gets items like their events where it folds in, and no NaN in any case', async () => {
    const model = await fitted(name, learned)
    const history = historyOf(learned, 0).slice(0, 5)
    const scores = scoresOf(model, learned, unknownUser, history)
    expect(scores.every(Number.isFinite)).toBe(true)
    expect(scoresOf(model, learned, unknownUser).every(Number.isFinite)).toBe(true)
    if (model.foldsIn) {
      const best = [...scores.keys()].filter((item) => !history.includes(item)).sort((a, b) => scores[b]! - scores[a]!)
      const colour = colourOf(learned.items[history[0]!]!)
      expect(best.slice(0, 5).map((item) => colourOf(learned.items[item]!))).toEqual([
        colour,
        colour,
        colour,
        colour,
        colour,
      ])
    }
    model.close()
  })

  it('similar items: at most k, best first, never the item itself, of its colour', async () => {
    const model = await fitted(name, learned)
    const { items, scores } = model.similar(2, 5)
    expect(items.length).toBeLessThanOrEqual(5)
    expect(scores).toHaveLength(items.length)
    expect([...items]).not.toContain(2)
    expect([...scores]).toEqual([...scores].sort((a, b) => b - a))
    if ((foundFirst[name] ?? 1) > 0) {
      expect(items.length).toBeGreaterThan(0)
      for (const item of items) expect(colourOf(learned.items[item]!)).toBe(colourOf(learned.items[2]!))
    }
    model.close()
  })

  it('many users at once: the scores of one by one', async () => {
    const model = await fitted(name, learned)
    if (model.scoreMany !== undefined) {
      const users = Int32Array.of(0, 7, unknownUser)
      const histories = [historyOf(learned, 0), historyOf(learned, 7), historyOf(learned, 8)]
      const together = new Float32Array(3 * learned.items.length)
      await model.scoreMany(users, histories, together)
      const apart = [...users].flatMap((user, i) => [...scoresOf(model, learned, user, histories[i])])
      const scale = Math.max(...apart.map(Math.abs))
      for (const [i, score] of apart.entries()) expect(Math.abs(together[i]! - score)).toBeLessThanOrEqual(1e-5 * scale)
    }
    model.close()
  })

  it('served: onnxruntime scores candidates of several people as the trainer does', async () => {
    const model = await fitted(name, learned)
    const network = model.serving?.()
    if (network !== undefined) {
      const people = [0, 9, 30]
      const session = await InferenceSession.create(network.onnx)
      const all = learned.items.length
      const int = (values: number[], shape = [values.length]): Tensor =>
        new Tensor('int32', Int32Array.from(values), shape)
      const each = people.flatMap((_, i) => Array.from({ length: all }, () => i))
      const length = network.historyLength
      const who: Record<string, Tensor> =
        length === undefined
          ? { user: int(each.map((i) => people[i]!)) }
          : {
              history: new Tensor(
                'int32',
                paddedHistories(
                  people.map((user) => historyOf(learned, user)),
                  length,
                ),
                [people.length, length],
              ),
              row: int(each),
            }
      const { score } = await session.run({ ...who, item: int(each.map((_, at) => at % all)) })
      for (const [i, user] of people.entries()) {
        const expected = new Float32Array(all)
        network.score(length === undefined ? user : unknownUser, historyOf(learned, user), expected)
        for (let item = 0; item < all; item++) {
          const found = Number(score!.data[i * all + item])
          expect(Math.abs(found - expected[item]!)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(expected[item]!)))
        }
        // What is served ranks as what was fitted: the board is small enough to be served whole.
        const own = scoresOf(model, learned, length === undefined ? user : unknownUser, historyOf(learned, user))
        for (const item of [0, 1, 2]) expect(expected[item]).toBeCloseTo(own[item]!, 3)
      }
      await session.release()
    }
    model.close()
  })

  it.each([
    ['one user', group([...'abcdef'].map((item) => ['u', `content-${item.charCodeAt(0)}`] as const))],
    ['one item', group([...'abcdef'].map((user) => [user, 'content-1'] as const))],
    ['one event', group([['u', 'content-1']])],
    [
      'repeats',
      group(
        ['1', '1', '2', '1', '2', '3', '3'].flatMap((item) => [
          ['u', `content-${item}`] as const,
          ['v', 'content-1'] as const,
        ]),
      ),
    ],
    ['weights of zero', { ...learned, weights: new Float32Array(learned.itemIndices.length) }],
    ['dislikes only', { ...learned, weights: new Float32Array(learned.itemIndices.length).fill(-1) }],
    ['equal times', { ...learned, times: new Float64Array(learned.times.length).fill(1e9) }],
    ['an item nobody had', { ...learned, items: [...learned.items, 'content-99'] }],
  ])('%s: fits, and scores are numbers', async (_, data) => {
    const model = await fitted(name, data)
    expect(scoresOf(model, data, 0).every(Number.isFinite)).toBe(true)
    expect(scoresOf(model, data, unknownUser).every(Number.isFinite)).toBe(true)
    expect(model.similar(0, 3).items.length).toBeLessThanOrEqual(Math.max(0, data.items.length - 1))
    model.close()
  })

  it('stopped by a signal: does not fit', async () => {
    const family = await loadFamily(name)
    const signal = AbortSignal.abort(new Error('enough'))
    const dataset = { interactions: learned, content: contentOf(learned) }
    const started = fitFamily(family, dataset, family.config.parse({}), { ...environment(), signal })
    await expect(started).rejects.toThrow('enough')
  })
})
