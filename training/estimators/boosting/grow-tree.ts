import { bestSplit, type LeafSums, noSplit, type Split, type SplitLimits } from './best-split.ts'
import { codeCount, type FeatureBins } from './feature-bins.ts'
import { type LeafHistogram, LeafHistograms } from './leaf-histograms.ts'
import { leaf, type Node, packTree, type Tree } from './tree.ts'

export interface TreeLimits extends SplitLimits {
  /** Most leaves, ≥ 2. */
  readonly leaves: number
  /** What a leaf's value is multiplied with. */
  readonly rate: number
}

/** What a tree is grown for. */
export interface TreeLesson {
  /** Rows to learn from, ascending. */
  readonly rows: Int32Array
  /** Features that may split. */
  readonly features: Int32Array
  /** Of the loss, of every row; `[rowCount]`. */
  readonly gradient: Float32Array
  /** Likewise, > 0. */
  readonly curvature: Float32Array
  /** What the tree says of the rows that it learns from is added to them here; `[rowCount]`. */
  readonly output: Float64Array
}

/** A leaf that may yet be split: rows `[from, to)` of the order. */
interface OpenLeaf {
  readonly node: number
  readonly from: number
  readonly to: number
  readonly sums: LeafSums
  readonly histogram: LeafHistogram
  readonly split: Split
}

/**
 * Grows trees on binned features, always at the leaf that gains most (leaf-wise, Ke et al. 2017). Of two children only the smaller is
 * counted: the other's histogram is what is left of their parent's.
 */
export class TreeGrower {
  readonly #bins: FeatureBins
  readonly #limits: TreeLimits
  readonly #histograms: LeafHistograms
  readonly #moved: Int32Array

  /** @throws AppError TOO_LARGE, see `LeafHistograms` */
  constructor(bins: FeatureBins, limits: TreeLimits) {
    this.#bins = bins
    this.#limits = limits
    this.#histograms = new LeafHistograms(bins)
    this.#moved = new Int32Array(bins.rowCount)
  }

  async grow(lesson: TreeLesson): Promise<Tree> {
    const { rows, features, gradient, curvature, output } = lesson
    this.#histograms.order.set(rows)
    this.#histograms.choose(features)
    const nodes: Node[] = [leaf(0)]
    const whole = [0, rows.length] as const
    const { histogram, sums } = await this.#histograms.count(whole, gradient, curvature, undefined)
    const open = [this.#open(0, whole, sums, histogram, features)]
    for (let leaves = 1; leaves < this.#limits.leaves; leaves++) {
      const at = mostGain(open)
      const chosen = open[at]!
      if (chosen.split.gain <= 0) break
      open.splice(at, 1, ...(await this.#divide(chosen, nodes, lesson)))
    }
    const { order } = this.#histograms
    for (const { node, from, to, sums: its, histogram: used } of open) {
      const value = Math.fround((-this.#limits.rate * its.gradient) / (its.curvature + this.#limits.l2))
      nodes[node]!.value = value
      for (let i = from; i < to; i++) output[order[i]!]! += value
      this.#histograms.giveBack(used)
    }
    return packTree(nodes)
  }

  close(): Promise<void> {
    return this.#histograms.close()
  }

  #open(
    node: number,
    [from, to]: readonly [number, number],
    sums: LeafSums,
    histogram: LeafHistogram,
    features: Int32Array,
  ): OpenLeaf {
    return { node, from, to, sums, histogram, split: this.#bestOf(sums, histogram, features) }
  }

  async #divide(
    { node, from, to, histogram, split, sums }: OpenLeaf,
    nodes: Node[],
    { features, gradient, curvature }: TreeLesson,
  ): Promise<[OpenLeaf, OpenLeaf]> {
    const middle = this.#partition(from, to, split)
    const [left, right] = [nodes.push(leaf(0)) - 1, nodes.push(leaf(0)) - 1]
    const { feature, threshold, missingLeft } = split
    nodes[node] = { feature, threshold, missingLeft, left, right, value: 0 }
    const leftIsSmaller = middle - from <= to - middle
    const rows = leftIsSmaller ? ([from, middle] as const) : ([middle, to] as const)
    const smaller = await this.#histograms.count(rows, gradient, curvature, histogram)
    const larger = { histogram, sums: difference(sums, smaller.sums) }
    const [ofLeft, ofRight] = leftIsSmaller ? [smaller, larger] : [larger, smaller]
    return [
      this.#open(left, [from, middle], ofLeft.sums, ofLeft.histogram, features),
      this.#open(right, [middle, to], ofRight.sums, ofRight.histogram, features),
    ]
  }

  #bestOf(sums: LeafSums, { values }: LeafHistogram, features: Int32Array): Split {
    let best = noSplit
    if (sums.count < 2 * this.#limits.minRows) return best
    for (const feature of features) {
      const codes = codeCount(this.#bins.edges[feature]!)
      const offset = this.#histograms.offset(feature)
      best = bestSplit(values, offset, codes, feature, sums, this.#limits, best.gain) ?? best
    }
    return best
  }

  /** Brings the rows that go left to the front, both sides in their order; says where the right side begins. */
  #partition(from: number, to: number, { feature, threshold, missingLeft }: Split): number {
    const codes = this.#bins.codes[feature]!
    const { order } = this.#histograms
    let left = from
    let right = 0
    for (let i = from; i < to; i++) {
      const row = order[i]!
      const code = codes[row]!
      if (code === 0 ? missingLeft : code <= threshold) order[left++] = row
      else this.#moved[right++] = row
    }
    order.set(this.#moved.subarray(0, right), left)
    return left
  }
}

const difference = (a: LeafSums, b: LeafSums): LeafSums => ({
  gradient: a.gradient - b.gradient,
  curvature: a.curvature - b.curvature,
  count: a.count - b.count,
})

/** Index of the leaf with the largest gain, the first of equal ones. */
function mostGain(open: readonly OpenLeaf[]): number {
  let best = 0
  for (let i = 1; i < open.length; i++) if (open[i]!.split.gain > open[best]!.split.gain) best = i
  return best
}
