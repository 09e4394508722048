import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { bootstrapMean } from './bootstrap.ts'
import { rankUsers } from './rank-users.ts'
import { rankingMetrics } from './ranking-metrics.ts'
import type { Scorable } from './score-users.ts'

/** One recommender's lists on the held-out part, and what each metric makes of each user. */
export interface JudgedRecommender {
  readonly name: string
  /** `[judged users]`, each best first. */
  readonly lists: readonly Int32Array[]
  /** By metric and cut-off, e.g. `ndcg@10`: one value per judged user. */
  readonly perUser: Readonly<Record<string, Float64Array>>
}

const metricsOfReport = ['ndcg@10', 'hit-rate@10', 'recall@20', 'mrr@20']
const depth = 20
const coverageDepth = 10

/** Ranks all items for every judged user with one recommender. */
export async function judge(
  recommender: Scorable,
  fitted: Interactions,
  heldOut: HeldOut,
  signal?: AbortSignal,
): Promise<JudgedRecommender> {
  const lists = await rankUsers(recommender, fitted, heldOut, depth, signal)
  const relevant = heldOut.items.map((items) => new Set(items))
  const perUser = Object.fromEntries(
    metricsOfReport.map((metric) => {
      const [name, k] = metric.split('@') as [string, string]
      const values = lists.map((ranked, i) => rankingMetrics[name]!(ranked, relevant[i]!, Number(k)))
      return [metric, Float64Array.from(values)]
    }),
  )
  return { name: recommender.name, lists, perUser }
}

/**
 * The report's rows: each metric of the model beside the baselines', with 95 % bootstrap intervals; NDCG@10 first, as the headline.
 *
 * Coverage, the share of the catalogue that appears in anyone's first ten, has no interval: it is no mean over users.
 */
export function metricRows(
  model: JudgedRecommender,
  baselines: readonly JudgedRecommender[],
  itemCount: number,
  seed: number,
): [MetricRow, ...MetricRow[]] {
  const row = (metric: string): MetricRow => ({
    metric,
    higherIsBetter: true,
    model: bootstrapMean(model.perUser[metric]!, seed),
    baselines: Object.fromEntries(baselines.map(({ name, perUser }) => [name, bootstrapMean(perUser[metric]!, seed)])),
  })
  const coverage = ({ lists }: JudgedRecommender): MetricRow['model'] => ({
    value: new Set(lists.flatMap((list) => [...list.subarray(0, coverageDepth)])).size / itemCount,
    low: null,
    high: null,
  })
  const [headline, ...others] = metricsOfReport
  return [
    row(headline!),
    ...others.map(row),
    {
      metric: `coverage@${coverageDepth}`,
      higherIsBetter: true,
      model: coverage(model),
      baselines: Object.fromEntries(baselines.map((baseline) => [baseline.name, coverage(baseline)])),
    },
  ]
}
