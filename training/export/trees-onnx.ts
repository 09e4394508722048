import { type FeatureBins, valueAt } from '../estimators/boosting/feature-bins.ts'
import type { Tree } from '../estimators/boosting/tree.ts'
import type { OnnxGraph, OnnxValue } from './onnx-graph.ts'

/** Trees that are added up. */
export interface WeighedTrees {
  readonly trees: readonly Tree[]
  /** What the values of their leaves are multiplied with. */
  readonly factor: number
}

/** A node as the graph has it: `left` where the feature is at most `edge`. */
interface Node {
  readonly feature: number
  readonly isLeaf: boolean
  readonly edge: number
  readonly missingLeft: number
  readonly left: number
  readonly right: number
  readonly weight: number
}

/**
 * Adds boosted trees to a graph as a TreeEnsembleRegressor of ai.onnx.ml: `[n, 1]`, the sum of the leaves that a row comes to. The graph
 * compares float32 with float32, as the binning did: a value on an edge goes the same way. Of several outputs, onnxruntime runs one ensemble
 * each several times as fast as one for all.
 *
 * @param features `[n, F]`, raw, NaN = missing
 * @param edges    of the bins that the trees were grown on
 */
export const treesOnnx = (
  graph: OnnxGraph,
  features: OnnxValue,
  edges: FeatureBins['edges'],
  groups: readonly WeighedTrees[],
): OnnxValue => ensemble(graph, features, nodesOf(groups, edges))

/**
 * As `treesOnnx`, of two forests: one for rows where a column is known, the other for the rest. Each tree of one stands under a root with
 * one of the other, so that no row goes through both.
 */
export function alternativeTreesOnnx(
  graph: OnnxGraph,
  features: OnnxValue,
  edges: FeatureBins['edges'],
  {
    column,
    known,
    missing,
  }: Readonly<Record<'known' | 'missing', readonly WeighedTrees[]>> & { readonly column: number },
): OnnxValue {
  const [left, right] = [nodesOf(known, edges), nodesOf(missing, edges)]
  const trees = Array.from({ length: Math.max(left.length, right.length) }, (_, i) =>
    underRoot(column, left[i] ?? [nothing], right[i] ?? [nothing]),
  )
  return ensemble(graph, features, trees)
}

const nothing: Node = { feature: 0, isLeaf: true, edge: 0, missingLeft: 0, left: 0, right: 0, weight: 0 }

/** The largest float32: what is not missing is at most that. */
const most = (2 - 2 ** -23) * 2 ** 127

function underRoot(feature: number, known: readonly Node[], missing: readonly Node[]): Node[] {
  const shifted = (nodes: readonly Node[], by: number): Node[] =>
    nodes.map((node) => ({ ...node, left: node.left + by, right: node.right + by }))
  const right = 1 + known.length
  return [
    { ...nothing, feature, isLeaf: false, edge: most, left: 1, right },
    ...shifted(known, 1),
    ...shifted(missing, right),
  ]
}

const nodesOf = (groups: readonly WeighedTrees[], edges: FeatureBins['edges']): Node[][] =>
  groups.flatMap(({ trees, factor }) =>
    trees.map((tree) =>
      Array.from(tree.feature, (feature, node) => ({
        feature: Math.max(0, feature),
        isLeaf: feature < 0,
        edge: feature < 0 ? 0 : valueAt(edges[feature]!, tree.threshold[node]!),
        missingLeft: tree.missingLeft[node]!,
        left: tree.left[node]!,
        right: tree.right[node]!,
        weight: factor * tree.value[node]!,
      })),
    ),
  )

function ensemble(graph: OnnxGraph, features: OnnxValue, trees: readonly (readonly Node[])[]): OnnxValue {
  const nodes = trees.flatMap((its, treeId) => its.map((its, node) => ({ ...its, treeId, node })))
  const leaves = nodes.filter(({ isLeaf }) => isLeaf)
  return graph.node(
    'TreeEnsembleRegressor',
    [features],
    {
      n_targets: 1,
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
