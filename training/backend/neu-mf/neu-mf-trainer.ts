import { copyInto, gmfWidth, mlpWidth, type NeuMfShape, type NeuMfWeights } from '../../networks/neu-mf.ts'
import { correctedRate } from '../adam.ts'
import type { KernelPool, KernelRun, Shared } from '../parallel/kernel-pool.ts'
import { allocateNetwork, type NetworkMemory, networkArrays } from './network-memory.ts'
import { allocateIndexedRows, type IndexedRows, RowIndex } from './row-index.ts'

/**
 * - `softmax` −log of the positive's share of Σ exp(score) over the positive and its negatives: learns the order of the list
 * - `bce`     binary cross-entropy of each pair, as in the NCF paper
 */
export type RankingLoss = 'softmax' | 'bce'

/** Positives with their negatives: group p is user users[p] and items[p·groupSize …], the positive first. */
export interface GroupedBatch {
  /** `[positives]` */
  readonly users: Int32Array
  /** `[positives, groupSize]` */
  readonly items: Int32Array
}

export interface NeuMfTrainerOptions {
  readonly loss: RankingLoss
  /** Weight of ½‖row‖² for each row of each pair, per positive. */
  readonly l2: number
  /** Most positives of a batch. */
  readonly batchSize: number
  /** One positive and its negatives. */
  readonly groupSize: number
}

/** Batches that the workers take in one go, while this thread makes ready the next as many: fewer where they are large. */
const batchesPerTurn = ({ batchSize, groupSize }: Pick<NeuMfTrainerOptions, 'batchSize' | 'groupSize'>): number =>
  Math.max(1, Math.min(8, Math.floor(2 ** 17 / (batchSize * groupSize))))
/** Parts of a batch, each with gradients of its own: more than workers, so that they end together. */
const shards = 16

/**
 * Trains NeuMF by the kernels of simd/neu-mf/ on every core: sparse gradients and lazy Adam for the tables (only rows that a batch uses
 * move), Adam for the rest. The same batches give the same weights, bit for bit, on any number of threads.
 */
export class NeuMfTrainer {
  readonly network: NetworkMemory
  /** Running averages of the parameters, which `average` takes them into. */
  readonly averages: NetworkMemory
  readonly #pool: KernelPool
  /** Of each array of the network the first, then the second. */
  readonly #moments: readonly Float32Array[]
  readonly #trainingAt: number
  /** Two sets: one is computed with, the other made ready. */
  readonly #batches: readonly (readonly BatchMemory[])[]
  readonly #userIndex: RowIndex
  readonly #itemIndex: RowIndex
  #steps = 0

  /**
   * Memory the size of five times the weights is taken from the pool.
   *
   * @param pool with `scratchBytesOf(shape, groupSize)` bytes of scratch
   */
  constructor(pool: KernelPool, shape: NeuMfShape, options: NeuMfTrainerOptions) {
    this.#pool = pool
    this.network = allocateNetwork(pool, shape)
    this.averages = allocateNetwork(pool, shape)
    this.#moments = networkArrays(this.network.arrays).flatMap(({ length }) => [
      pool.float32(length).values,
      pool.float32(length).values,
    ])
    this.#trainingAt = describeTraining(pool, this.network, this.#moments, options)
    const batches = (): BatchMemory[] =>
      Array.from({ length: batchesPerTurn(options) }, () => allocateBatch(pool, options.batchSize, options.groupSize))
    this.#batches = [batches(), batches()]
    this.#userIndex = new RowIndex(shape.userCount)
    this.#itemIndex = new RowIndex(shape.itemCount)
  }

  /** Steps taken so far: Adam's bias correction depends on it. */
  get steps(): number {
    return this.#steps
  }

  /** Begins with these weights; averages too. */
  start(weights: NeuMfWeights): void {
    copyInto(this.network, weights)
    copyInto(this.averages, weights)
  }

  /** Everything that the next step depends on, in a fixed order, for checkpoints; `steps` apart. */
  stateArrays(): Float32Array[] {
    return [...networkArrays(this.network.arrays), ...networkArrays(this.averages.arrays), ...this.#moments]
  }

  /** First moments in the order of `networkArrays`, for the test that compares gradients. */
  firstMoments(): readonly Float32Array[] {
    return this.#moments.filter((_, i) => i % 2 === 0)
  }

  /** Goes on from a checkpoint whose arrays have been copied into `stateArrays()`. */
  restoreSteps(steps: number): void {
    this.#steps = steps
  }

  /**
   * Forward, backward and update for each of the batches, whose arrays may be overwritten by the next batch.
   *
   * @param visit called after every few batches with the loss of each before its update, mean over its positives (NaN when training has
   *              diverged), and its number of positives
   */
  async train(
    batches: Iterable<GroupedBatch>,
    learningRate: number,
    visit: (losses: readonly number[], positives: readonly number[]) => void,
  ): Promise<void> {
    const iterator = batches[Symbol.iterator]()
    let turn = 0
    let ready = this.#makeReady(this.#batches[turn]!, iterator)
    while (ready.length > 0) {
      const running = this.#pool.runAll(this.#runs(ready, learningRate))
      turn = 1 - turn
      const next = this.#makeReady(this.#batches[turn]!, iterator)
      await running
      visit(
        ready.map(({ loss }) => loss.values[0]!),
        ready.map(({ description }) => description.values[0]!),
      )
      ready = next
    }
  }

  /** averages ← past·averages + (1 − past)·parameters */
  average(past: number): void {
    const current = networkArrays(this.network.arrays)
    for (const [i, array] of networkArrays(this.averages.arrays).entries()) {
      const now = current[i]!
      for (let j = 0; j < array.length; j++) array[j] = past * array[j]! + (1 - past) * now[j]!
    }
  }

  #makeReady(memories: readonly BatchMemory[], iterator: Iterator<GroupedBatch>): readonly BatchMemory[] {
    for (const [i, memory] of memories.entries()) {
      const { value, done } = iterator.next()
      if (done === true) return memories.slice(0, i)
      memory.description.values[0] = value.users.length
      this.#userIndex.index(value.users, memory.users)
      this.#itemIndex.index(value.items, memory.items)
    }
    return memories
  }

  #runs(batches: readonly BatchMemory[], learningRate: number): KernelRun[] {
    const training = this.#trainingAt
    const runs: KernelRun[] = [{ kernel: 'neuMfTranspose', count: 1, chunk: 1, args: [training] }]
    for (const { description } of batches) {
      const rate = correctedRate(learningRate, ++this.#steps)
      const args = [training, description.at]
      if (mlpWidth(this.network.shape) > 0) runs.push({ kernel: 'neuMfProject', count: shards, chunk: 1, args })
      runs.push(
        { kernel: 'neuMfPairs', count: shards, chunk: 1, args },
        { kernel: 'neuMfRows', count: shards, chunk: 1, args: [...args, rate] },
        { kernel: 'neuMfDense', count: 1, chunk: 1, args: [...args, rate] },
      )
    }
    return runs
  }
}

/** One batch in the memory of the kernels. */
interface BatchMemory {
  /** The first number is that of the positives. */
  readonly description: Shared<Int32Array>
  readonly users: IndexedRows
  readonly items: IndexedRows
  /** `[1]` */
  readonly loss: Shared<Float64Array>
}

/** `Batch` of simd/neu-mf/memory.ts. */
function allocateBatch(pool: KernelPool, batchSize: number, groupSize: number): BatchMemory {
  const users = allocateIndexedRows(pool, batchSize)
  const items = allocateIndexedRows(pool, batchSize * groupSize)
  const loss = pool.float64(1)
  const description = pool.int32(4)
  description.values.set([0, users.description.at, items.description.at, loss.at])
  return { description, users, items, loss }
}

/** `Training` of simd/neu-mf/memory.ts. */
function describeTraining(
  pool: KernelPool,
  { shape, arrays, at }: NetworkMemory,
  moments: readonly Float32Array[],
  { loss, l2, batchSize, groupSize }: NeuMfTrainerOptions,
): number {
  const [gmf, first] = [gmfWidth(shape), mlpWidth(shape) === 0 ? 0 : shape.hiddenSizes[0]!]
  const pairs = batchSize * groupSize
  const place = (length: number): number => pool.float32(length).at
  const ones = pool.float32(batchSize)
  ones.values.fill(1)
  // In the order of the class.
  const fields = Object.values({
    networkAt: at,
    ...Object.fromEntries(moments.map(({ byteOffset }, i) => [`moments ${i}`, byteOffset])),
    denseSize: arrays.dense.length,
    transposedAt: place(arrays.dense.length),
    shards,
    shardGradientsAt: place(shards * arrays.dense.length),
    shardLossesAt: pool.float64(shards).at,
    groupSize,
    lossKind: loss === 'softmax' ? 0 : 1,
    // The one field that is no integer, as its bits.
    l2: new Int32Array(Float32Array.of(l2).buffer)[0]!,
    userHiddenAt: place(batchSize * first),
    itemHiddenAt: place(pairs * first),
    pairHiddenAt: place(pairs * first),
    scoreGradientsAt: place(pairs),
    weightedAt: place(batchSize * gmf),
    pullsAt: place(batchSize * gmf),
    groupHiddenAt: place(batchSize * first),
    onesAt: ones.at,
  })
  const description = pool.int32(fields.length)
  description.values.set(fields)
  return description.at
}

/** Bytes that training takes from the pool for batches of this size, the parameters apart: an estimate. */
export function batchBytes(
  shape: Pick<NeuMfShape, 'gmfSize' | 'hiddenSizes'>,
  options: Pick<NeuMfTrainerOptions, 'batchSize' | 'groupSize'>,
): number {
  const pairs = options.batchSize * options.groupSize
  const first = shape.hiddenSizes[0] ?? 0
  return (
    pairs * (4 + 8 * first) + options.batchSize * (8 * shape.gmfSize + 8 * first) + 32 * pairs * batchesPerTurn(options)
  )
}

/** Bytes of scratch that the kernels want of each worker. */
export function scratchBytesOf(shape: NeuMfShape, groupSize: number): number {
  const widths = [shape.gmfSize, shape.mlpSize, ...shape.hiddenSizes].map((size) => size + 8)
  const widest = Math.max(...widths)
  const all = widths.reduce((sum, width) => sum + width, 0)
  return 4 * (8 * widest + Math.max(64, groupSize) * (1 + all) + 64)
}
