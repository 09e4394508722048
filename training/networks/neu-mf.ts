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

/** A dense layer with ReLU: h = max(0, x·weight + bias). */
interface DenseWeights {
  readonly inputSize: number
  readonly outputSize: number
  /** `[inputSize, outputSize]` row-major */
  readonly weight: Float32Array
  /** `[outputSize]` */
  readonly bias: Float32Array
}

/**
 * The weights of neural matrix factorisation (He et al. 2017), with a bias per item that carries its popularity.
 *
 *   score(u, i) = outputGmfᵀ(p_u ⊙ q_i) + outputMlpᵀ·h_L + itemBias_i,   h_0 = [a_u ; b_i],   h_l = relu(h_{l−1}·W_l + c_l)
 *
 * A row of `users` is [p_u | a_u], a row of `items` is [q_i | b_i]. A variant without a part has width 0 there.
 */
export interface NeuMfWeights {
  readonly shape: NeuMfShape
  /** `[users, gmf + mlp]` */
  readonly users: Float32Array
  /** `[items, gmf + mlp]` */
  readonly items: Float32Array
  /** `[items]` */
  readonly itemBias: Float32Array
  readonly hidden: readonly DenseWeights[]
  /** `[gmf]` */
  readonly outputGmf: Float32Array
  /** `[last hidden size]`; empty without the MLP part */
  readonly outputMlp: Float32Array
}

/** Width of the GMF part of a row. */
export const gmfWidth = ({ variant, gmfSize }: Pick<NeuMfShape, 'variant' | 'gmfSize'>): number =>
  variant === 'mlp' ? 0 : gmfSize

/** Width of the MLP part of a row. */
export const mlpWidth = ({ variant, mlpSize }: Pick<NeuMfShape, 'variant' | 'mlpSize'>): number =>
  variant === 'gmf' ? 0 : mlpSize

/**
 * Fresh weights: embeddings normal with deviation `embeddingScale`, layers Glorot uniform, the GMF output at 1, so that the untrained
 * GMF part is a plain inner product.
 */
export function createNeuMf(shape: NeuMfShape, random: Random, embeddingScale = 0.1): NeuMfWeights {
  const width = gmfWidth(shape) + mlpWidth(shape)
  const normal = (size: number): Float32Array =>
    Float32Array.from({ length: size }, () => random.normal() * embeddingScale)
  const sizes = mlpWidth(shape) === 0 ? [] : [2 * mlpWidth(shape), ...shape.hiddenSizes]
  const glorot = (inputSize: number, outputSize: number): Float32Array => {
    const limit = Math.sqrt(6 / (inputSize + outputSize))
    return Float32Array.from({ length: inputSize * outputSize }, () => (2 * random.uniform() - 1) * limit)
  }
  return {
    shape,
    users: normal(shape.userCount * width),
    items: normal(shape.itemCount * width),
    itemBias: new Float32Array(shape.itemCount),
    hidden: sizes.slice(1).map((outputSize, i) => ({
      inputSize: sizes[i]!,
      outputSize,
      weight: glorot(sizes[i]!, outputSize),
      bias: new Float32Array(outputSize),
    })),
    outputGmf: new Float32Array(gmfWidth(shape)).fill(1),
    outputMlp: glorot(sizes.at(-1) ?? 0, sizes.length === 0 ? 0 : 1),
  }
}

/** Every array of the weights in a fixed order: what a checkpoint holds, and what two equal models have equal. */
export function weightArrays(weights: NeuMfWeights): Float32Array[] {
  const { users, items, itemBias, hidden, outputGmf, outputMlp } = weights
  return [users, items, itemBias, ...hidden.flatMap(({ weight, bias }) => [weight, bias]), outputGmf, outputMlp]
}

/** A copy that later training does not touch. */
export function copyWeights(weights: NeuMfWeights): NeuMfWeights {
  return {
    shape: weights.shape,
    users: weights.users.slice(),
    items: weights.items.slice(),
    itemBias: weights.itemBias.slice(),
    hidden: weights.hidden.map((layer) => ({ ...layer, weight: layer.weight.slice(), bias: layer.bias.slice() })),
    outputGmf: weights.outputGmf.slice(),
    outputMlp: weights.outputMlp.slice(),
  }
}
