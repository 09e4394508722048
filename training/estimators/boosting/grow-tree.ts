import { bestSplit, type LeafSums, noSplit, type Split, type SplitLimits } from './best-split.ts'
import { codeCount, type FeatureBins } from './feature-bins.ts'
import { leaf, type Node, packTree, type Tree } from './tree.ts'

export interface TreeLimits extends SplitLimits {
  /** Most leaves, ≥ 2. */
  readonly leaves: number
  /** What a leaf's value is multiplied with. */
  readonly rate: number
}

/** A leaf that may yet be split: rows `[from, to)` of the grower's order. */
interface OpenLeaf extends LeafSums {
  readonly node: number
  readonly from: number
  readonly to: number
  readonly histogram: Float64Array
  readonly split: Split
}

/**
 * Grows trees on binned features, always at the leaf that gains most (leaf-wise, Ke et al. 2017). Histograms are kept per leaf, and the
 * larger of two children gets its own by subtraction: every row is counted in the smaller ones only.
 */
export class TreeGrower {
  readonly #bins: FeatureBins
  readonly #limits: TreeLimits
  /** Where each feature's histogram begins. */
  readonly #offsets: Int32Array
  /** One per leaf that may be open at a time; made when first needed. */
  readonly #spare: Float64Array[] = []
  readonly #size: number
  readonly #order: Int32Array
  readonly #moved: Int32Array
  /** Gradient and curvature of a leaf's rows, in their order. */
  readonly #gradient: Float32Array
  readonly #curvature: Float32Array

  constructor(bins: FeatureBins, limits: TreeLimits) {
    this.#bins = bins
    this.#limits = limits
    this.#offsets = new Int32Array(bins.edges.length)
    let size = 0
    bins.edges.forEach((edges, feature) => {
      this.#offsets[feature] = size
      size += 2 * codeCount(edges)
    })
    this.#size = size
    this.#order = new Int32Array(bins.rowCount)
    this.#moved = new Int32Array(bins.rowCount)
    this.#gradient = new Float32Array(bins.rowCount)
    this.#curvature = new Float32Array(bins.rowCount)
  }

  /**
   * @param rows      those to learn from, ascending
   * @param features  those that may split
   * @param gradient  of the loss, of every row; `[rowCount]`
   * @param curvature likewise, > 0
   */
  grow(rows: Int32Array, features: Int32Array, gradient: Float32Array, curvature: Float32Array): Tree {
    this.#order.set(rows)
    const nodes: Node[] = [leaf(0)]
    const histogram = this.#takeHistogram()
    const sums = this.#count(0, rows.length, features, gradient, curvature, histogram)
    const open = [this.#open(0, 0, rows.length, sums, histogram, features)]
    for (let leaves = 1; leaves < this.#limits.leaves; leaves++) {
      const at = mostGain(open)
      const chosen = open[at]
      if (chosen === undefined || chosen.split.gain <= 0) break
      open.splice(at, 1, ...this.#divide(chosen, nodes, features, gradient, curvature))
    }
    for (const { node, gradient: sum, curvature: weight, histogram: used } of open) {
      nodes[node]!.value = (-this.#limits.rate * sum) / (weight + this.#limits.l2)
      this.#spare.push(used)
    }
    return packTree(nodes)
  }

  #open(node: number, from: number, to: number, sums: LeafSums, histogram: Float64Array, features: Int32Array) {
    return { node, from, to, ...sums, histogram, split: this.#bestOf(sums, histogram, features) }
  }

  #divide(
    { node, from, to, histogram, split, ...parent }: OpenLeaf,
    nodes: Node[],
    features: Int32Array,
    gradient: Float32Array,
    curvature: Float32Array,
  ): [OpenLeaf, OpenLeaf] {
    const middle = this.#partition(from, to, split)
    const [left, right] = [nodes.push(leaf(0)) - 1, nodes.push(leaf(0)) - 1]
    const { feature, threshold, missingLeft } = split
    nodes[node] = { feature, threshold, missingLeft, left, right, value: 0 }
    const leftSmaller = middle - from <= to - middle
    const smaller = this.#takeHistogram()
    const [start, end] = leftSmaller ? [from, middle] : [middle, to]
    const its = this.#count(start, end, features, gradient, curvature, smaller)
    this.#subtract(histogram, smaller, features)
    const other = {
      gradient: parent.gradient - its.gradient,
      curvature: parent.curvature - its.curvature,
      count: parent.count - its.count,
    }
    const [leftSums, rightSums] = leftSmaller ? [its, other] : [other, its]
    const [leftHistogram, rightHistogram] = leftSmaller ? [smaller, histogram] : [histogram, smaller]
    return [
      this.#open(left, from, middle, leftSums, leftHistogram, features),
      this.#open(right, middle, to, rightSums, rightHistogram, features),
    ]
  }

  #bestOf(sums: LeafSums, histogram: Float64Array, features: Int32Array): Split {
    let best = noSplit
    if (sums.count < 2 * this.#limits.minRows) return best
    for (const feature of features) {
      const codes = codeCount(this.#bins.edges[feature]!)
      const offset = this.#offsets[feature]!
      best = bestSplit(histogram, offset, codes, feature, sums, this.#limits, best.gain) ?? best
    }
    return best
  }

  /** Brings the rows that go left to the front, both sides in their order; says where the right side begins. */
  #partition(from: number, to: number, { feature, threshold, missingLeft }: Split): number {
    const codes = this.#bins.codes[feature]!
    let left = from
    let right = 0
    for (let i = from; i < to; i++) {
      const row = this.#order[i]!
      const code = codes[row]!
      if (code === 0 ? missingLeft : code <= threshold) this.#order[left++] = row
      else this.#moved[right++] = row
    }
    this.#order.set(this.#moved.subarray(0, right), left)
    return left
  }

  /** Fills a histogram with rows `[from, to)` of the order. */
  #count(
    from: number,
    to: number,
    features: Int32Array,
    gradient: Float32Array,
    curvature: Float32Array,
    histogram: Float64Array,
  ): LeafSums {
    const rows = this.#order.subarray(from, to)
    let [sumG, sumH] = [0, 0]
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!
      sumG += this.#gradient[i] = gradient[row]!
      sumH += this.#curvature[i] = curvature[row]!
    }
    for (const feature of features) {
      const offset = this.#offsets[feature]!
      histogram.fill(0, offset, offset + 2 * codeCount(this.#bins.edges[feature]!))
      addToHistogram(this.#bins.codes[feature]!, rows, this.#gradient, this.#curvature, histogram, offset)
    }
    return { gradient: sumG, curvature: sumH, count: rows.length }
  }

  #subtract(from: Float64Array, smaller: Float64Array, features: Int32Array): void {
    for (const feature of features) {
      const offset = this.#offsets[feature]!
      const end = offset + 2 * codeCount(this.#bins.edges[feature]!)
      for (let at = offset; at < end; at++) from[at]! -= smaller[at]!
    }
  }

  #takeHistogram(): Float64Array {
    return this.#spare.pop() ?? new Float64Array(this.#size)
  }
}

/** The loop in which boosting spends its time: a function of its own, so that it is compiled for these types alone. */
function addToHistogram(
  codes: Uint8Array,
  rows: Int32Array,
  gradient: Float32Array,
  curvature: Float32Array,
  histogram: Float64Array,
  offset: number,
): void {
  for (let i = 0; i < rows.length; i++) {
    const at = offset + 2 * codes[rows[i]!]!
    histogram[at]! += gradient[i]!
    histogram[at + 1]! += curvature[i]!
  }
}

/** Index of the leaf with the largest gain, the first of equal ones. */
function mostGain(open: readonly OpenLeaf[]): number {
  let best = 0
  for (let i = 1; i < open.length; i++) if (open[i]!.split.gain > open[best]!.split.gain) best = i
  return best
}
