import { type BlendContext, leastDeviation } from '../hybrid/blend-features.ts'
import type { CatalogueScores } from './catalogue-scores.ts'
import type { OnnxGraph, OnnxValue } from './onnx-graph.ts'

/** The type's number in onnx.proto. */
const onnxFloat = 1

/**
 * The blend of components as a piece of a graph: Σ_c (a_c + b_c·length)·z_c + (a + b·length)·popularity, features as in
 * hybrid/blend-features.ts.
 *
 * @param history int32 `[people, historyLength]`, as long as the longest component reads
 * @param weights `[2 · components + 2]`: a and b of each component, then of popularity
 * @returns float32 `[people, items]`
 */
export function buildBlend(
  graph: OnnxGraph,
  history: OnnxValue,
  components: readonly CatalogueScores[],
  { popularity, meanLength }: BlendContext,
  weights: readonly number[],
): OnnxValue {
  const scalar = (name: string, value: number): OnnxValue => graph.constant(name, Float32Array.of(value), [1])
  const length = lengthOf(graph, history, meanLength)
  /** a + b·length, `[people, 1]` */
  const weight = (feature: number): OnnxValue => {
    const slope = graph.node('Mul', [length, scalar(`slope_${feature}`, weights[feature + 1]!)])
    return graph.node('Add', [slope, scalar(`weight_${feature}`, weights[feature]!)])
  }
  const last = 2 * components.length
  const known = graph.constant('popularity', popularity, [1, popularity.length])
  let sum = graph.node('Mul', [known, weight(last)])
  for (const [i, component] of components.entries()) {
    const z = standardised(
      graph.scope(`z_${i}`),
      component.build(graph.scope(`${i}`), latest(graph, history, i, component)),
    )
    sum = graph.node('Add', [sum, graph.node('Mul', [z, weight(2 * i)])])
  }
  return sum
}

/** The places of the history that a component reads. */
function latest(graph: OnnxGraph, history: OnnxValue, i: number, { historyLength }: CatalogueScores): OnnxValue {
  const int64 = (name: string, value: number): OnnxValue =>
    graph.constant(`${name}_${i}`, BigInt64Array.of(BigInt(value)), [1])
  const [from, end, axis] = [int64('from', -historyLength), int64('end', Number.MAX_SAFE_INTEGER), int64('axis', 1)]
  return graph.node('Slice', [history, from, end, axis])
}

/** ln(1 + items of the history) − meanLength, `[people, 1]`. */
function lengthOf(graph: OnnxGraph, history: OnnxValue, meanLength: number): OnnxValue {
  const isItem = graph.node('GreaterOrEqual', [history, graph.constant('first_item', Int32Array.of(0), [1])])
  const ones = graph.node('Cast', [isItem], { to: onnxFloat })
  const items = graph.node('ReduceSum', [ones, graph.constant('places', BigInt64Array.of(1n), [1])])
  const more = graph.node('Add', [items, graph.constant('one', Float32Array.of(1), [1])])
  const mean = graph.constant('mean_length', Float32Array.of(meanLength), [1])
  return graph.node('Sub', [graph.node('Log', [more]), mean])
}

/** (x − mean) ÷ deviation over the items; zeros where all are equal. */
function standardised(graph: OnnxGraph, scores: OnnxValue): OnnxValue {
  const mean = graph.node('ReduceMean', [scores], { axes: [1] })
  const centred = graph.node('Sub', [scores, mean])
  const variance = graph.node('ReduceMean', [graph.node('Mul', [centred, centred])], { axes: [1] })
  const deviation = graph.node('Sqrt', [variance])
  const least = graph.constant('least_deviation', Float32Array.of(leastDeviation), [1])
  const differ = graph.node('Greater', [deviation, graph.node('Mul', [graph.node('Abs', [mean]), least])])
  const inverse = graph.node('Reciprocal', [deviation])
  const scale = graph.node('Where', [differ, inverse, graph.constant('nothing', Float32Array.of(0), [1])])
  return graph.node('Mul', [centred, scale])
}
