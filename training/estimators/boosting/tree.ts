import type { FeatureBins } from './feature-bins.ts'

/** A regression tree; node 0 is the root. A leaf's feature is −1, and its children count for nothing. */
export interface Tree {
  readonly feature: Int32Array
  /** Codes up to this one go left. */
  readonly threshold: Uint8Array
  /** 1: missing values go left. */
  readonly missingLeft: Uint8Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** What a leaf adds to the output. */
  readonly value: Float32Array
}

/** A node of a tree that is being grown. */
export interface Node {
  feature: number
  threshold: number
  missingLeft: boolean
  left: number
  right: number
  value: number
}

export const leaf = (value: number): Node => ({
  feature: -1,
  threshold: 0,
  missingLeft: false,
  left: 0,
  right: 0,
  value,
})

export const packTree = (nodes: readonly Node[]): Tree => ({
  feature: Int32Array.from(nodes, (node) => node.feature),
  threshold: Uint8Array.from(nodes, (node) => node.threshold),
  missingLeft: Uint8Array.from(nodes, (node) => Number(node.missingLeft)),
  left: Int32Array.from(nodes, (node) => node.left),
  right: Int32Array.from(nodes, (node) => node.right),
  value: Float32Array.from(nodes, (node) => node.value),
})

/**
 * Adds what a tree says of rows to `sums`; `[rowCount]`.
 *
 * @param skipped 1 = not this row; `[rowCount]`, by default none
 */
export function addTree(
  { feature, threshold, missingLeft, left, right, value }: Tree,
  { codes, rowCount }: Pick<FeatureBins, 'codes' | 'rowCount'>,
  sums: Float64Array,
  skipped?: Uint8Array,
): void {
  for (let row = 0; row < rowCount; row++) {
    if (skipped?.[row] === 1) continue
    let node = 0
    let its = feature[0]!
    while (its >= 0) {
      const code = codes[its]![row]!
      const goesLeft = code === 0 ? missingLeft[node] === 1 : code <= threshold[node]!
      node = goesLeft ? left[node]! : right[node]!
      its = feature[node]!
    }
    sums[row]! += value[node]!
  }
}
