import type { FeatureBins } from '../../training/estimators/boosting/feature-bins.ts'
import { addTree, type Tree } from '../../training/estimators/boosting/tree.ts'

/** What trees say of every row; `[rowCount]`. */
export function sumTrees(trees: readonly Tree[], bins: FeatureBins): Float64Array {
  const sums = new Float64Array(bins.rowCount)
  for (const tree of trees) addTree(tree, bins, sums)
  return sums
}
