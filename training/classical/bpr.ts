import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { Matrix } from '../backend/linear-algebra.ts'
import { KernelPool } from '../backend/parallel/kernel-pool.ts'
import { createRandom } from '../backend/random.ts'
import type { Interactions, UserIndex } from '../datasets/interactions.ts'
import { exportFactors } from '../export/factors-onnx.ts'
import type { FitEnvironment, FittedRecommender, RecommenderFamily } from '../families/family.ts'
import { createTripleSampler } from './bpr-triples.ts'
import { factorScores } from './factor-scores.ts'
import { userItemMatrix } from './user-item-matrix.ts'

const configSchema = z.object({
  embeddingSize: z.number().int().min(4).max(1024).multipleOf(4).default(64).describe('factors of each user and item'),
  epochs: z.number().int().min(1).default(40).describe('passes; each draws as many triples as there are interactions'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('size of a step; falls linearly to a tenth over the epochs'),
  l2: z.number().min(0).max(100).default(0.003).describe('λ: pulls the factors of a step towards 0'),
})
type BprConfig = z.infer<typeof configSchema>

interface BprFactors {
  /** `[users, size]` */
  readonly users: Float32Array
  /** `[items, size]` */
  readonly items: Float32Array
  /** `[items]` */
  readonly biases: Float32Array
}

/**
 * Factors that rank what a user had before what they had not: Σ ln σ(x_u·(y_i − y_j) + b_i − b_j) − λ‖Θ‖² over triples of a user, an item of
 * theirs and another, by stochastic gradient (Rendle et al. 2009, "BPR: Bayesian personalized ranking from implicit feedback",
 * algorithm 1). Items of negative weight are the other item of every second triple of a user who has some; a weight above 0 counts alike.
 */
export const bprFamily: RecommenderFamily<BprConfig> = {
  name: 'bpr',
  description: 'Factors that rank what a user had before what they had not (BPR, Rendle et al. 2009).',
  orderAware: false,
  config: configSchema,
  searchSpace: {
    embeddingSize: { values: [32, 64, 128] },
    learningRate: { from: 0.01, to: 0.2, scale: 'log' },
    l2: { from: 0.001, to: 0.1, scale: 'log' },
    epochs: { from: 20, to: 200, scale: 'log', integer: true },
  },
  estimateBytes: ({ users, items, interactions }, { embeddingSize }) =>
    8 * embeddingSize * (users + items) + 40 * interactions + 24 * (users + items),
  fit: async ({ interactions }, config, environment) =>
    bpr(await fitFactors(interactions, config, environment), config),
  load: async ({ json, arrays }) =>
    bpr(
      {
        users: arrays.userFactors as Float32Array,
        items: arrays.itemFactors as Float32Array,
        biases: arrays.itemBiases as Float32Array,
      },
      configSchema.parse(json),
    ),
}

/** Triples drawn, then learned from, in one turn of the event loop. */
const chunkSize = 65_536

async function fitFactors(
  interactions: Interactions,
  { embeddingSize: size, epochs, learningRate, l2 }: BprConfig,
  { seed, signal, progress, label }: FitEnvironment,
): Promise<BprFactors> {
  signal.throwIfAborted()
  const random = createRandom(seed)
  // One thread: each step needs what the step before wrote.
  const pool = KernelPool.open({ threads: 1, scratchBytes: 0 })
  const users = pool.float32(interactions.users.length * size)
  const items = pool.float32(interactions.items.length * size)
  const biases = pool.float32(interactions.items.length)
  const triples = pool.int32(3 * chunkSize)
  const start = random.fork('bpr factors')
  for (const { values } of [users, items]) {
    for (let i = 0; i < values.length; i++) values[i] = (start.uniform() - 0.5) / size
  }
  const { count, draw } = createTripleSampler(
    userItemMatrix(interactions),
    interactions.items.length,
    random.fork('bpr'),
  )
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = learningRate * (1 - (0.9 * epoch) / epochs)
    for (let done = 0; done < count; done += chunkSize) {
      const drawn = draw(triples.values, Math.min(chunkSize, count - done))
      await pool.run({
        kernel: 'pairwiseSteps',
        count: drawn,
        chunk: drawn,
        args: [triples.at, users.at, items.at, biases.at, size, rate, l2],
      })
      signal.throwIfAborted()
    }
    refuseDiverged(items.values, epoch, rate)
    progress.update(label, epoch + 1, epochs)
  }
  return { users: users.values.slice(), items: items.values.slice(), biases: biases.values.slice() }
}

/** One factor that is no number spreads to all: a look at each epoch's end is soon enough. */
function refuseDiverged(factors: Float32Array, epoch: number, rate: number): void {
  if (factors.every(Number.isFinite)) return
  throw new AppError(
    'CONFIG_INVALID',
    `Factors are no longer numbers in epoch ${epoch + 1}, at steps of ${rate}; expected finite ones. Lower learningRate and fit again.`,
  )
}

function bpr({ users, items, biases }: BprFactors, config: BprConfig): FittedRecommender {
  const size = config.embeddingSize
  const itemMatrix: Matrix = { rows: biases.length, columns: size, values: items }
  /** Zeros, so that the biases decide, for whoever is unknown: BPR has no fold-in. */
  const nobody = new Float32Array(size)
  const factorsOf = (user: UserIndex, history: Int32Array): Float32Array =>
    user < 0 || history.length === 0 ? nobody : users.subarray(user * size, (user + 1) * size)
  const scoring = factorScores(itemMatrix, factorsOf, biases)
  return {
    name: 'bpr',
    foldsIn: false,
    chosen: {},
    ...scoring,
    save: () => ({ json: config, arrays: { userFactors: users, itemFactors: items, itemBiases: biases } }),
    serving: () => exportFactors({ users, items, itemBias: biases }, size, scoring.score),
    close: () => undefined,
  }
}
