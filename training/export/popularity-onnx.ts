import type { ServingNetwork } from '../families/family.ts'
import { exportCatalogueScores } from './catalogue-scores.ts'

/** The same scores for everyone, whatever their history. @param counts `[items]` */
export const exportPopularity = (counts: Float32Array): ServingNetwork =>
  exportCatalogueScores(
    'popularity',
    {
      historyLength: 1,
      build(graph, history) {
        const int64 = (name: string, value: number) => graph.constant(name, BigInt64Array.of(BigInt(value)), [1])
        const people = graph.node('Slice', [graph.node('Shape', [history]), int64('first', 0), int64('second', 1)])
        const shape = graph.node('Concat', [people, int64('each', 1)], { axis: 0 })
        return graph.node('Expand', [graph.constant('counts', counts, [1, counts.length]), shape])
      },
      score: (_history, scores) => scores.set(counts),
    },
    counts.length,
  )
