import { KernelPool, type Shared, threadsFor } from '../../backend/parallel/kernel-pool.ts'
import type { LeafSums } from './best-split.ts'
import { codeCount, type FeatureBins } from './feature-bins.ts'

/** Additions that are sooner done than given to workers. */
const fewAdditions = 200_000

/** Gradients and curvatures of a leaf's rows summed up by code: pairs, the features one after the other. */
export type LeafHistogram = Shared<Float64Array>

/**
 * Sums gradients and curvatures of rows by the codes of features, feature by feature on all cores where that pays; a sum does not depend on
 * how many there are.
 */
export class LeafHistograms {
  readonly #pool: KernelPool
  readonly #bins: FeatureBins
  readonly #codes: Shared<Uint8Array>
  readonly #bounds: Shared<Int32Array>
  readonly #order: Shared<Int32Array>
  readonly #pairs: Shared<Float32Array>
  readonly #features: Shared<Int32Array>
  #featureCount = 0
  readonly #spare: LeafHistogram[] = []

  /** @throws AppError TOO_LARGE beyond 4 GB */
  constructor(bins: FeatureBins) {
    const { rowCount, codes, edges } = bins
    this.#bins = bins
    this.#pool = KernelPool.open({ threads: threadsFor(10 * rowCount * edges.length), scratchBytes: 0 })
    this.#codes = this.#pool.uint8(rowCount * edges.length)
    codes.forEach((column, feature) => {
      this.#codes.values.set(column, feature * rowCount)
    })
    this.#bounds = this.#pool.int32(edges.length + 1)
    edges.forEach((its, feature) => {
      this.#bounds.values[feature + 1] = this.#bounds.values[feature]! + codeCount(its)
    })
    this.#order = this.#pool.int32(rowCount)
    this.#pairs = this.#pool.float32(2 * rowCount)
    this.#features = this.#pool.int32(edges.length)
  }

  /** Rows in an order in which those of a leaf stand together; to be written before they are counted. */
  get order(): Int32Array {
    return this.#order.values
  }

  /** Place of a feature's first code in a histogram. */
  offset(feature: number): number {
    return 2 * this.#bounds.values[feature]!
  }

  /** Features that are counted from now on. */
  choose(features: Int32Array): void {
    this.#features.values.set(features)
    this.#featureCount = features.length
  }

  /**
   * Sums over the rows at `[from, to)` of the order.
   *
   * @param gradient and `curvature`: of every row
   * @param larger   histogram of a leaf that the rows are part of: the sums are taken off it, in place
   */
  async count(
    [from, to]: readonly [number, number],
    gradient: Float32Array,
    curvature: Float32Array,
    larger: LeafHistogram | undefined,
  ): Promise<{ readonly histogram: LeafHistogram; readonly sums: LeafSums }> {
    const order = this.#order.values
    const pairs = this.#pairs.values
    let [sumG, sumH] = [0, 0]
    for (let i = from; i < to; i++) {
      const row = order[i]!
      const at = 2 * (i - from)
      sumG += pairs[at] = gradient[row]!
      sumH += pairs[at + 1] = curvature[row]!
    }
    const histogram = this.#spare.pop() ?? this.#pool.float64(2 * this.#bounds.values.at(-1)!)
    const count = to - from
    const { rowCount } = this.#bins
    const run = {
      kernel: 'leafHistograms' as const,
      count: this.#featureCount,
      chunk: 1,
      args: [
        ...[this.#features.at, this.#bounds.at, this.#codes.at, rowCount, this.#order.at + 4 * from],
        ...[this.#pairs.at, count, histogram.at, larger?.at ?? 0],
      ],
    }
    if (count * this.#featureCount < fewAdditions) this.#pool.runHere(run)
    else await this.#pool.run(run)
    return { histogram, sums: { gradient: sumG, curvature: sumH, count } }
  }

  /** Takes back a histogram that nobody reads any more. */
  giveBack(histogram: LeafHistogram): void {
    this.#spare.push(histogram)
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }
}
