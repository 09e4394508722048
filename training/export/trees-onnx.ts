import { type FeatureBins, valueAt } from '../estimators/boosting/feature-bins.ts'
import type { Tree } from '../estimators/boosting/tree.ts'
import type { OnnxGraph, OnnxValue } from './onnx-graph.ts'

/** Trees that are added up. */
export interface WeighedTrees {
  readonly trees: readonly Tree[]
  /** What the values of their leaves are multiplied with. */
  readonly factor: number
}

/**
 * Adds boosted trees to a graph as a TreeEnsembleRegressor of ai.onnx.ml: `[n, 1]`, the sum of the leaves that a row comes to, and of `base`.
 * The graph compares float32 with float32, as the binning did: a value on an edge goes the same way. Of several outputs, onnxruntime runs one
 * ensemble each several times as fast as one for all.
 *
 * @param features `[n, F]`, raw, NaN = missing
 * @param edges    of the bins that the trees were grown on
 */
export function treesOnnx(
  graph: OnnxGraph,
  features: OnnxValue,
  edges: FeatureBins['edges'],
  groups: readonly WeighedTrees[],
  base: number,
): OnnxValue {
  const nodes = groups
    .flatMap(({ trees, factor }) => trees.map((tree) => ({ tree, factor })))
    .flatMap(({ tree, factor }, treeId) =>
      Array.from(tree.feature, (feature, node) => ({
        treeId,
        node,
        feature: Math.max(0, feature),
        isLeaf: feature < 0,
        edge: feature < 0 ? 0 : valueAt(edges[feature]!, tree.threshold[node]!),
        missingLeft: tree.missingLeft[node]!,
        left: tree.left[node]!,
        right: tree.right[node]!,
        weight: factor * tree.value[node]!,
      })),
    )
  const leaves = nodes.filter(({ isLeaf }) => isLeaf)
  return graph.node(
    'TreeEnsembleRegressor',
    [features],
    {
      n_targets: 1,
      base_values: { floats: [base] },
      nodes_treeids: nodes.map(({ treeId }) => treeId),
      nodes_nodeids: nodes.map(({ node }) => node),
      nodes_featureids: nodes.map(({ feature }) => feature),
      nodes_modes: { strings: nodes.map(({ isLeaf }) => (isLeaf ? 'LEAF' : 'BRANCH_LEQ')) },
      nodes_values: { floats: nodes.map(({ edge }) => edge) },
      nodes_truenodeids: nodes.map(({ left }) => left),
      nodes_falsenodeids: nodes.map(({ right }) => right),
      nodes_missing_value_tracks_true: nodes.map(({ missingLeft }) => missingLeft),
      target_treeids: leaves.map(({ treeId }) => treeId),
      target_nodeids: leaves.map(({ node }) => node),
      target_ids: leaves.map(() => 0),
      target_weights: { floats: leaves.map(({ weight }) => weight) },
    },
    'ai.onnx.ml',
  )
}
