import { z } from 'zod'
import type { Matrix } from '../backend/linear-algebra.ts'
import type { Interactions } from '../datasets/interactions.ts'
import { decayingPlaces, exportItemWeights, servedWeights } from '../export/item-weights-onnx.ts'
import { strongestWeights } from '../export/strongest-weights.ts'
import type { FitEnvironment, FittedRecommender, RecommenderFamily, SavedRecommender } from '../families/family.ts'
import { factorCholesky, solveCholesky } from '../linear-algebra/cholesky.ts'
import { historyNormalEquations, leastWeight } from './history-normal-equations.ts'
import { fitPopularity } from './popularity.ts'
import { rankedItems } from './ranked-items.ts'

/** Defaults chosen on ml1m's validation part; ml-100k prefers { decays: [0.8, 0.97], backward: 1, targetDecay: 0.5, popularityDamping: 0.1 }. */
const configSchema = z.object({
  decays: z
    .array(z.number().min(0).max(0.995))
    .min(1)
    .max(4)
    .default([0.6, 0.93])
    .describe('one history for each: the weight of its k-th last item relative to the one after it'),
  l2: z.number().positive().default(400).describe('ridge penalty'),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(1 / 3)
    .describe('share of each history that training hides: a penalty that grows with the popularity of an item'),
  backward: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('weight of every sequence read backwards; more helps where the order within a minute is chance'),
  targetDecay: z
    .number()
    .min(0)
    .max(0.99)
    .default(0.3)
    .describe('how much each later item counts as a target, relative to the one before it; 0: the next one only'),
  popularityDamping: z.number().min(0).max(1).default(0.2).describe('how much popular items are scored down'),
})
export type LinearNextItemOptions = z.infer<typeof configSchema>

/**
 * Ridge regression in closed form from the decayed history to the next item, on every position of every sequence:
 * B = (XᵀX + l2·I + p/(1−p)·diag(XᵀX))⁻¹·XᵀY, score(j) = x·B[·, j] / (n_j + 1)^damping, x as in `historyNormalEquations`. Sequences are
 * also read backwards, as half of all steps in rating logs tie.
 *
 * The ridge is Steck's (2019) turned from "together" to "next"; the diagonal is dropout in closed form (Steck 2020, eq. 5).
 */
export const linearNextItemFamily: RecommenderFamily<LinearNextItemOptions> = {
  name: 'linear-next-item',
  description: 'Ridge regression in closed form from the decayed history to the next item.',
  orderAware: true,
  config: configSchema,
  searchSpace: {
    l2: { from: 50, to: 2000, scale: 'log' },
    backward: { values: [0, 0.2, 0.5, 1] },
    targetDecay: { values: [0, 0.3, 0.5, 0.7] },
    popularityDamping: { from: 0, to: 0.4, scale: 'linear' },
  },
  // XᵀX, half of it again as its factor, XᵀY and one product of its size.
  estimateBytes: ({ items, interactions }, { decays }) =>
    items * items * (6 * decays.length ** 2 + 8 * decays.length) + 64 * interactions,
  fit: async ({ interactions }, config, environment) => fitLinearNextItem(interactions, config, environment),
  load: async ({ json, arrays }: SavedRecommender) =>
    linearNextItem(
      arrays.weights as Float32Array,
      arrays.popularity as Float32Array,
      configSchema.shape.decays.parse(json.decays),
    ),
}

async function fitLinearNextItem(
  interactions: Interactions,
  options: LinearNextItemOptions,
  { signal }: Pick<FitEnvironment, 'signal'>,
): Promise<FittedRecommender> {
  signal.throwIfAborted()
  const { counts } = fitPopularity(interactions, { halfLifeDays: Number.POSITIVE_INFINITY })
  const liked = likedOnly(interactions)
  const { sequences, weightOfUser } = options.backward > 0 ? alsoBackward(liked, options.backward) : forward(liked)
  const { gram, target } = historyNormalEquations(sequences, options, weightOfUser)
  const hidden = options.dropout / (1 - options.dropout)
  for (let i = 0; i < gram.rows; i++) {
    gram.values[i * gram.rows + i]! += options.l2 + hidden * gram.values[i * gram.rows + i]!
  }
  const weights = await solveCholesky(await factorCholesky(gram, signal), target, signal)
  dampPopular(weights, counts, options.popularityDamping)
  return linearNextItem(weights.values, counts, options.decays)
}

/** The interactions that say liking: those of weight 0 or less are taken out of the sequences. */
function likedOnly(all: Interactions): Interactions {
  const { users, offsets, itemIndices, weights } = all
  if (weights === undefined) return all
  const liked = itemIndices.filter((_, at) => weights[at]! > 0)
  const likedOffsets = new Int32Array(users.length + 1)
  for (let user = 0; user < users.length; user++) {
    let count = 0
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) if (weights[at]! > 0) count++
    likedOffsets[user + 1] = likedOffsets[user]! + count
  }
  return { ...all, offsets: likedOffsets, itemIndices: liked }
}

interface WeighedSequences {
  readonly sequences: Interactions
  readonly weightOfUser: Float64Array
}

const forward = (sequences: Interactions): WeighedSequences => ({
  sequences,
  weightOfUser: new Float64Array(sequences.users.length).fill(1),
})

/** Every sequence once more, as of another user, the newest item first. */
function alsoBackward(all: Interactions, weight: number): WeighedSequences {
  const { users, offsets, itemIndices } = all
  const count = itemIndices.length
  const twice = new Int32Array(2 * count)
  twice.set(itemIndices)
  // The reverse of all sequences in one is the users in reverse order, each backwards.
  twice.set(itemIndices.toReversed(), count)
  const backOffsets = offsets.toReversed().map((offset) => 2 * count - offset)
  return {
    sequences: {
      ...all,
      users: [...users, ...users.toReversed()],
      offsets: Int32Array.from([...offsets, ...backOffsets.subarray(1)]),
      itemIndices: twice,
    },
    weightOfUser: Float64Array.from({ length: 2 * users.length }, (_, user) => (user < users.length ? 1 : weight)),
  }
}

function dampPopular({ rows, columns, values }: Matrix, counts: Float32Array, damping: number): void {
  const scale = Float64Array.from(counts, (count) => (Math.max(0, count) + 1) ** -damping)
  for (let row = 0; row < rows; row++) {
    for (let item = 0; item < columns; item++) values[row * columns + item]! *= scale[item]!
  }
}

/** @param weights `[decays · items, items]` */
function linearNextItem(weights: Float32Array, popularity: Float32Array, decays: readonly number[]): FittedRecommender {
  const size = popularity.length
  const addWeights = (scale: number, item: number, factor: number, scores: Float32Array): void => {
    const start = (scale * size + item) * size
    for (let j = 0; j < size; j++) scores[j]! += factor * weights[start + j]!
  }
  return {
    name: 'linear-next-item',
    foldsIn: true,
    chosen: {},
    score(_user, history, scores) {
      if (history.length === 0) {
        scores.set(popularity)
        return
      }
      scores.fill(0)
      for (const [scale, decay] of decays.entries()) {
        let weight = 1
        for (let i = history.length - 1; i >= 0 && weight >= leastWeight; i--) {
          addWeights(scale, history[i]!, weight, scores)
          weight *= decay
        }
      }
    },
    similar(item, k) {
      const scores = new Float32Array(size)
      for (const scale of decays.keys()) addWeights(scale, item, 1, scores)
      scores[item] = Number.NEGATIVE_INFINITY
      return rankedItems(scores, k)
    },
    save: () => ({ json: { decays }, arrays: { weights, popularity } }),
    serving: () =>
      exportItemWeights(
        decays.map((decay, scale) => ({
          weights: strongestWeights(
            weights.subarray(scale * size * size, (scale + 1) * size * size),
            size,
            servedWeights,
          ),
          placeWeights: decayingPlaces(decay, leastWeight),
        })),
        size,
      ),
    close: () => undefined,
  }
}
