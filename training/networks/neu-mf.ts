import type { Ops } from '../backend/graph/ops.ts'
import type { Random } from '../backend/random.ts'

/** `gmf`: factors only; `mlp`: perceptron only; `neu-mf`: both (He et al. 2017, sections 3.2 to 3.4). */
export type NeuMfVariant = 'gmf' | 'mlp' | 'neu-mf'

export interface NeuMfShape {
  readonly variant: NeuMfVariant
  readonly userCount: number
  readonly itemCount: number
  /** Factors of the GMF part. */
  readonly gmfSize: number
  /** Embedding of each side of the MLP part; its input is twice as wide. */
  readonly mlpSize: number
  /** Widths of the hidden layers, first to last. */
  readonly hiddenSizes: readonly number[]
}

/** The parameters by name, each a matrix, row-major. */
export type NeuMfParameters = Readonly<Record<string, Float32Array>>

/** Neural matrix factorisation that has learned, or is about to. */
export interface NeuMfWeights {
  readonly shape: NeuMfShape
  readonly parameters: NeuMfParameters
}

/** Width of the GMF part; 0 where the variant has none. */
export const gmfWidth = ({ variant, gmfSize }: Pick<NeuMfShape, 'variant' | 'gmfSize'>): number =>
  variant === 'mlp' ? 0 : gmfSize

/** Width of each side of the MLP part; 0 where the variant has none. */
export const mlpWidth = ({ variant, mlpSize }: Pick<NeuMfShape, 'variant' | 'mlpSize'>): number =>
  variant === 'gmf' ? 0 : mlpSize

/** Parameters with a row for each user or item, of which a batch touches some; all others are touched by every batch. */
const tables = ['userFactors', 'itemFactors', 'userInputs', 'itemInputs', 'itemBias']

/** Rows and columns of each parameter by its name, tables first; what a variant has not is not there. */
export function parameterShapes(shape: NeuMfShape): Readonly<Record<string, readonly [rows: number, columns: number]>> {
  const { variant, userCount, itemCount, gmfSize, mlpSize, hiddenSizes } = shape
  const [gmf, mlp] = [variant !== 'mlp', variant !== 'gmf']
  const shapes: Record<string, readonly [number, number]> = {
    ...(gmf && { userFactors: [userCount, gmfSize], itemFactors: [itemCount, gmfSize] }),
    ...(mlp && { userInputs: [userCount, mlpSize], itemInputs: [itemCount, mlpSize] }),
    itemBias: [itemCount, 1],
    ...(mlp && { userWeight: [mlpSize, hiddenSizes[0]!], itemWeight: [mlpSize, hiddenSizes[0]!] }),
  }
  for (const [layer, size] of mlp ? hiddenSizes.entries() : []) {
    if (layer > 0) shapes[`weight_${layer}`] = [hiddenSizes[layer - 1]!, size]
    shapes[`bias_${layer}`] = [1, size]
  }
  if (mlp) shapes.outputMlp = [hiddenSizes.at(-1)!, 1]
  if (gmf) shapes.outputGmf = [gmfSize, 1]
  return shapes
}

/**
 * Fresh weights: embeddings normal with deviation `embeddingScale`, layers Glorot uniform, the GMF output at 1, so that the untrained
 * GMF part is a plain inner product.
 */
export function createNeuMf(shape: NeuMfShape, random: Random, embeddingScale = 0.1): NeuMfWeights {
  const fresh = (name: string, rows: number, columns: number): Float32Array => {
    const values = new Float32Array(rows * columns)
    if (name === 'outputGmf') return values.fill(1)
    if (name.startsWith('bias') || name === 'itemBias') return values
    if (tables.includes(name)) return values.map(() => random.normal() * embeddingScale)
    // Both halves of the first layer make one matrix of twice as many rows.
    const inputs = name === 'userWeight' || name === 'itemWeight' ? 2 * rows : rows
    const limit = Math.sqrt(6 / (inputs + columns))
    return values.map(() => (2 * random.uniform() - 1) * limit)
  }
  const entries = Object.entries(parameterShapes(shape))
  return { shape, parameters: Object.fromEntries(entries.map(([name, its]) => [name, fresh(name, ...its)])) }
}

type Named<T> = Readonly<Record<string, T>>

/** What the score of a pair takes of one side; a part that the variant has not is absent. */
export interface NeuMfSide<T> {
  /** `[n, gmf]`: p_u or q_i */
  readonly factors?: T | undefined
  /** `[n, first hidden size]`: its half of the first layer, before ReLU */
  readonly hidden?: T | undefined
}

/**
 * Scores of n pairs of a user and an item (He et al. 2017, equation 12), with a bias per item that carries its popularity:
 *
 *   score(u, i) = outputGmfᵀ(p_u ⊙ q_i) + outputMlpᵀ·h_L + bias_i,   h_0 = [a_u ; b_i],   h_l = relu(h_{l−1}·W_l + c_l)
 *
 * The first layer is h_0·W_1 = a_u·W_user + b_i·W_item. This is the network; kernels train it (`backend/simd/neu-mf/`) and a test
 * compares their gradients with those of TF.js for this function.
 *
 * @param users int32 `[n]`
 * @param items int32 `[n]`
 * @returns `[n, 1]`
 */
export function scorePairs<T>(ops: Ops<T>, p: Named<T>, users: T, items: T): T {
  const userHidden = p.userInputs && ops.matMul(ops.rows(p.userInputs, users), p.userWeight!)
  const itemHidden = p.itemInputs && ops.matMul(ops.rows(p.itemInputs, items), p.itemWeight!)
  return scoreSides(
    ops,
    p,
    { factors: p.userFactors && ops.rows(p.userFactors, users), hidden: userHidden },
    { factors: p.itemFactors && ops.rows(p.itemFactors, items), hidden: itemHidden },
    ops.rows(p.itemBias!, items),
  )
}

/** The same from what is known of both sides; @param bias `[n, 1]` of the items */
export function scoreSides<T>(ops: Ops<T>, p: Named<T>, user: NeuMfSide<T>, item: NeuMfSide<T>, bias: T): T {
  let score = bias
  if (user.factors !== undefined && item.factors !== undefined) {
    score = ops.add(score, ops.matMul(ops.multiply(user.factors, item.factors), p.outputGmf!))
  }
  if (user.hidden === undefined || item.hidden === undefined) return score
  let h = ops.relu(ops.add(ops.add(user.hidden, item.hidden), p.bias_0!))
  for (let layer = 1; p[`weight_${layer}`] !== undefined; layer++) {
    h = ops.relu(ops.add(ops.matMul(h, p[`weight_${layer}`]!), p[`bias_${layer}`]!))
  }
  return ops.add(score, ops.matMul(h, p.outputMlp!))
}

/**
 * Copies parameters into those of a network with the same parts and other widths: what is not there stays as it is.
 * A network with more of everything, and zeros for it, computes the same.
 */
export function copyInto(target: NeuMfWeights, source: NeuMfWeights): void {
  const targetShapes = parameterShapes(target.shape)
  for (const [name, [rows, columns]] of Object.entries(parameterShapes(source.shape))) {
    const shape = targetShapes[name]
    if (shape === undefined) continue
    const [to, from] = [target.parameters[name]!, source.parameters[name]!]
    const width = Math.min(columns, shape[1])
    for (let row = 0; row < Math.min(rows, shape[0]); row++) {
      to.set(from.subarray(row * columns, row * columns + width), row * shape[1])
    }
  }
}
