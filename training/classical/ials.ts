import { z } from 'zod'
import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import { KernelPool, threadsFor } from '../backend/parallel/kernel-pool.ts'
import { createRandom } from '../backend/random.ts'
import type { Interactions, UserIndex } from '../datasets/interactions.ts'
import { solvePositiveDefinite } from '../estimators/linear-solve.ts'
import { exportFactors } from '../export/factors-onnx.ts'
import { type FitEnvironment, type FittedRecommender, type RecommenderFamily, unknownUser } from '../families/family.ts'
import { factorScores } from './factor-scores.ts'
import { type IalsSide, IalsSolver, ialsSide, sideBytes, startAtRandom } from './ials-side.ts'
import { transpose, userItemMatrix } from './user-item-matrix.ts'

const configSchema = z.object({
  embeddingSize: z
    .number()
    .int()
    .min(16)
    .max(1024)
    .multipleOf(16)
    .default(128)
    .describe('factors of each user and item'),
  epochs: z.number().int().min(1).default(12).describe('times that all users and all items are solved'),
  unobservedWeight: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('α₀: how much a pair that never met says against it; null: 2000 / items, 1 at most'),
  l2: z
    .number()
    .min(0)
    .max(1e6)
    .default(0.003)
    .describe('λ, times each row’s (interactions + α₀·columns) ^ frequencyScaling'),
  frequencyScaling: z.number().min(0).max(1).default(1).describe('ν: 1 regularises by frequency, 0 all alike'),
  conjugateSteps: z.number().int().min(1).default(3).describe('conjugate gradient steps of each solve'),
})
type IalsConfig = z.infer<typeof configSchema>

/** The configuration with α₀ as a number. */
type IalsOptions = IalsConfig & { readonly unobservedWeight: number }

/**
 * What all items together say against a user, in interactions. Rendle et al. found α₀ = 0.1 for 20 k items and 0.05 for 41 k, and here 1
 * was as good for 1.7 k and 0.6 for 3.3 k.
 */
const unobservedMass = 2000

const withUnobservedWeight = (config: IalsConfig, itemCount: number): IalsOptions => ({
  ...config,
  unobservedWeight: config.unobservedWeight ?? Math.min(1, unobservedMass / itemCount),
})

/**
 * Factors of users and items by alternating least squares over all pairs, those never seen with a small weight (Hu et al. 2008):
 * L = Σ_seen |w|·([w > 0] − xᵤᵀyᵢ)² + α₀·Σ_all (xᵤᵀyᵢ)² + Σᵤ λᵤ‖xᵤ‖² + Σᵢ λᵢ‖yᵢ‖², λᵤ = λ·(Σ|w| of u + α₀·items)^ν; a negative weight is a
 * disliked item, 0 says nothing. Regularised by frequency as Rendle et al. 2021, "Revisiting the performance of iALS" (arXiv 2110.14037).
 */
export const ialsFamily: RecommenderFamily<IalsConfig> = {
  name: 'ials',
  description: 'Factors of users and items by weighted alternating least squares (iALS, Rendle et al. 2021).',
  orderAware: false,
  config: configSchema,
  searchSpace: {
    embeddingSize: { values: [32, 64, 128, 256] },
    unobservedWeight: { from: 0.03, to: 3, scale: 'log' },
    l2: { from: 0.0003, to: 0.03, scale: 'log' },
    epochs: { from: 4, to: 20, scale: 'linear', integer: true },
  },
  estimateBytes: ({ users, items, interactions }, { embeddingSize }) =>
    sideBytes(users, interactions, embeddingSize) +
    sideBytes(items, interactions, embeddingSize) +
    // The matrix as it was built, by user and by item, and the factors as they are given out.
    24 * interactions +
    4 * embeddingSize * (users + items + 20 * embeddingSize),
  fit: async ({ interactions }, config, environment) => {
    const options = withUnobservedWeight(config, interactions.items.length)
    const { users, items } = await fitFactors(interactions, options, environment)
    return ials(users, items, config)
  },
  load: ({ json, arrays }) =>
    ials(arrays.userFactors as Float32Array, arrays.itemFactors as Float32Array, configSchema.parse(json)),
}

async function fitFactors(
  interactions: Interactions,
  options: IalsOptions,
  { seed, signal, progress, label }: FitEnvironment,
): Promise<{ users: Float32Array; items: Float32Array }> {
  const { embeddingSize: size, epochs, unobservedWeight, conjugateSteps } = options
  const operations = epochs * 16 * size * interactions.itemIndices.length
  const byUser = userItemMatrix(interactions)
  const byItem = transpose(byUser, interactions.items.length)
  const pool = KernelPool.open({ threads: threadsFor(operations), scratchBytes: 12 * size })
  try {
    const users = ialsSide(pool, byUser, size)
    const items = ialsSide(pool, byItem, size)
    setRidge(users, items.rows, options)
    setRidge(items, users.rows, options)
    const random = createRandom(seed).fork('ials')
    startAtRandom(users, size, random)
    startAtRandom(items, size, random)
    const solver = new IalsSolver(pool, size)
    for (let epoch = 1; epoch <= epochs; epoch++) {
      await solver.solve(users, items, unobservedWeight, conjugateSteps)
      signal.throwIfAborted()
      await solver.solve(items, users, unobservedWeight, conjugateSteps)
      signal.throwIfAborted()
      progress.update(label, epoch, epochs)
    }
    // Users last: what a user is depends on where the items are now.
    await solver.solve(users, items, unobservedWeight, conjugateSteps)
    return { users: users.factors.values.slice(), items: items.factors.values.slice() }
  } finally {
    await pool.close()
  }
}

/** λ of each row: l2·(Σ|w| + α₀·columns)^ν. */
function setRidge({ rows, offsets, weights, ridge }: IalsSide, columns: number, options: IalsOptions): void {
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let at = offsets.values[row]!; at < offsets.values[row + 1]!; at++) sum += Math.abs(weights.values[at]!)
    ridge.values[row] = ridgeOf(sum, columns, options)
  }
}

const ridgeOf = (weight: number, columns: number, { l2, unobservedWeight, frequencyScaling }: IalsOptions): number =>
  l2 * (weight + unobservedWeight * columns) ** frequencyScaling

/**
 * @param users `[users, size]`
 * @param items `[items, size]`
 */
async function ials(users: Float32Array, items: Float32Array, config: IalsConfig): Promise<FittedRecommender> {
  const size = config.embeddingSize
  const options = withUnobservedWeight(config, items.length / size)
  const itemMatrix = { rows: items.length / size, columns: size, values: items }
  const gram = (await multiply(itemMatrix, itemMatrix, { transposeA: true })).values
  const average = meanRow(users, size)

  /** The user's factors; those of the history where the user is unknown; everyone's mean where there is no history. */
  const factorsOf = (user: UserIndex, history: Int32Array): Float32Array => {
    if (history.length === 0) return average
    return user === unknownUser
      ? foldIn(history, itemMatrix, gram, options)
      : users.subarray(user * size, (user + 1) * size)
  }
  const scoring = factorScores(itemMatrix, factorsOf)
  return {
    name: 'ials',
    foldsIn: true,
    chosen: {},
    ...scoring,
    save: () => ({ json: config, arrays: { userFactors: users, itemFactors: items } }),
    serving: () => exportFactors({ users, items }, size, scoring.score),
    close: () => undefined,
  }
}

/** The factors that a user with this history would have: (α₀·YᵀY + λ·I + Σ y·yᵀ)⁻¹·Σ y over the history. */
function foldIn(history: Int32Array, items: Matrix, gram: Float32Array, options: IalsOptions): Float32Array {
  const size = items.columns
  const a = Float64Array.from(gram, (value) => options.unobservedWeight * value)
  const b = new Float64Array(size)
  const ridge = ridgeOf(history.length, items.rows, options)
  for (let k = 0; k < size; k++) a[k * size + k]! += ridge
  for (const item of history) {
    const y = items.values.subarray(item * size, (item + 1) * size)
    for (let row = 0; row < size; row++) {
      b[row]! += y[row]!
      // The solver reads the lower triangle alone.
      for (let column = 0; column <= row; column++) a[row * size + column]! += y[row]! * y[column]!
    }
  }
  return Float32Array.from(solvePositiveDefinite(a, b))
}

function meanRow(rows: Float32Array, size: number): Float32Array {
  const mean = new Float64Array(size)
  for (let i = 0; i < rows.length; i++) mean[i % size]! += rows[i]! / (rows.length / size)
  return Float32Array.from(mean)
}
