import { allocateNetwork, type NetworkMemory } from '../backend/neu-mf/network-memory.ts'
import { scratchBytesOf } from '../backend/neu-mf/neu-mf-trainer.ts'
import { KernelPool, type KernelRun, type Shared } from '../backend/parallel/kernel-pool.ts'
import type { Scorable } from '../evaluation/score-users.ts'
import { copyInto, gmfWidth, mlpWidth, type NeuMfWeights } from './neu-mf.ts'

/** Users scored in one go, in places of their own; the place behind them is for one user at once. */
const usersAtOnce = 32
const places = usersAtOnce + 1

/**
 * Scores the whole catalogue for users, by the kernels of simd/neu-mf/. The items' half of the first layer is computed once for all users.
 */
export class NeuMfRecommender implements Scorable {
  readonly name: string
  readonly #pool: KernelPool
  readonly #network: NetworkMemory
  /** `[items, first hidden size]`: the items' half of the first layer, its bias included. */
  readonly #itemHidden: Shared<Float32Array>
  /** `[places, gmf]`, `[places, mlp]`, `[places, items]` */
  readonly #factors: Shared<Float32Array>
  readonly #inputs: Shared<Float32Array>
  readonly #scores: Shared<Float32Array>
  /** The means of all users, who stand for anyone unknown. */
  #everyone: { readonly factors: Float32Array; readonly inputs: Float32Array } | undefined

  #lastCall: Promise<void> = Promise.resolve()

  /** Of weights of its own, in this thread. */
  static of(weights: NeuMfWeights): NeuMfRecommender {
    const pool = KernelPool.open({ module: 'neu-mf', threads: 1, scratchBytes: scratchBytesOf(weights.shape, 1) })
    const network = allocateNetwork(pool, weights.shape)
    copyInto(network, weights)
    const recommender = new NeuMfRecommender(pool, network)
    recommender.refresh()
    return recommender
  }

  /** Of a network in the memory of a pool; ask for `refresh` before the first scores. */
  constructor(pool: KernelPool, network: NetworkMemory) {
    const { shape } = network
    this.name = shape.variant
    this.#pool = pool
    this.#network = network
    this.#itemHidden = pool.float32(mlpWidth(shape) === 0 ? 0 : shape.itemCount * shape.hiddenSizes[0]!)
    this.#factors = pool.float32(places * gmfWidth(shape))
    this.#inputs = pool.float32(places * mlpWidth(shape))
    this.#scores = pool.float32(places * shape.itemCount)
  }

  /** Takes note of changed parameters. */
  refresh(): void {
    const { shape, at } = this.#network
    this.#everyone = undefined
    if (mlpWidth(shape) === 0) return
    this.#pool.runHere({
      kernel: 'neuMfProjectItems',
      count: shape.itemCount,
      chunk: 1,
      args: [at, this.#itemHidden.at],
    })
  }

  /** @param user below 0: anyone, the mean of all users */
  score(user: number, _history: Int32Array, scores: Float32Array): void {
    this.#put(usersAtOnce, user)
    this.#pool.runHere(this.#run(usersAtOnce, 1))
    scores.set(this.#scoresFrom(usersAtOnce, 1))
  }

  /** `score` for many users, on all threads of the pool; calls wait for each other. */
  scoreMany(users: Int32Array, _histories: readonly Int32Array[], scores: Float32Array): Promise<void> {
    const before = this.#lastCall.catch(() => undefined)
    this.#lastCall = before.then(() => this.#scoreMany(users, scores))
    return this.#lastCall
  }

  async #scoreMany(users: Int32Array, scores: Float32Array): Promise<void> {
    for (let from = 0; from < users.length; from += usersAtOnce) {
      const count = Math.min(usersAtOnce, users.length - from)
      for (let i = 0; i < count; i++) this.#put(i, users[from + i]!)
      await this.#pool.run(this.#run(0, count))
      scores.set(this.#scoresFrom(0, count), from * this.#network.shape.itemCount)
    }
  }

  #scoresFrom(place: number, count: number): Float32Array {
    const { itemCount } = this.#network.shape
    return this.#scores.values.subarray(place * itemCount, (place + count) * itemCount)
  }

  #run(place: number, count: number): KernelRun {
    const { shape, at } = this.#network
    const { itemCount } = shape
    const factors = this.#factors.at + 4 * place * gmfWidth(shape)
    const inputs = this.#inputs.at + 4 * place * mlpWidth(shape)
    const scores = this.#scores.at + 4 * place * itemCount
    const args = [at, this.#itemHidden.at, itemCount, factors, inputs, scores]
    return { kernel: 'neuMfScores', count, chunk: 1, args }
  }

  /** Puts a user's rows where the kernel reads them. */
  #put(place: number, user: number): void {
    const { shape, parameters } = this.#network
    const { userFactors, userInputs } = parameters
    const [gmf, mlp] = [gmfWidth(shape), mlpWidth(shape)]
    if (user < 0) {
      this.#everyone ??= { factors: meanRow(userFactors, gmf), inputs: meanRow(userInputs, mlp) }
      this.#factors.values.set(this.#everyone.factors, place * gmf)
      this.#inputs.values.set(this.#everyone.inputs, place * mlp)
      return
    }
    if (userFactors) this.#factors.values.set(userFactors.subarray(user * gmf, (user + 1) * gmf), place * gmf)
    if (userInputs) this.#inputs.values.set(userInputs.subarray(user * mlp, (user + 1) * mlp), place * mlp)
  }
}

/** The mean of the rows of a table. */
function meanRow(table: Float32Array | undefined, width: number): Float32Array {
  if (table === undefined) return new Float32Array()
  const sums = new Float64Array(width)
  for (let i = 0; i < table.length; i++) sums[i % width]! += table[i]!
  return Float32Array.from(sums, (sum) => (sum * width) / table.length)
}
