import { AppError } from '../../errors.ts'
import type { Estimate } from '../../models/artifact/manifest.ts'
import { withHeldOut } from '../datasets/given-split.ts'
import { historyOf, type Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { bootstrapMean } from '../evaluation/bootstrap.ts'
import { rankUnseen, rankWithNegatives } from '../evaluation/rank-users.ts'
import { rankingAuc } from '../evaluation/ranking-auc.ts'
import { rankingMetrics } from '../evaluation/ranking-metrics.ts'
import { type Scorable, scoreUsers } from '../evaluation/score-users.ts'
import type { NamedMetric } from './metric-name.ts'

/**
 * Each metric's mean over the judged users, with its interval. Every user is scored once, whatever is asked.
 */
export async function measure(
  recommender: Scorable,
  { whole, test }: { readonly whole: Interactions; readonly test: HeldOut },
  metrics: readonly NamedMetric[],
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
): Promise<Record<string, Estimate>> {
  const relevant = test.items.map((items) => new Set(items))
  const depth = deepest(metrics, false)
  const sampled = deepest(metrics, true) > 0
  const all = sampled ? withHeldOut(whole, test) : whole
  const values = metrics.map(() => new Float64Array(test.users.length))
  await scoreUsers(
    recommender,
    whole,
    test,
    (row, history, scores) => {
      const user = test.users[row]!
      const sampledList = sampled ? rankWithNegatives(scores, test.items[row]![0]!, user, historyOf(all, user)) : none
      const list = rankUnseen(scores, history, depth)
      for (const [i, metric] of metrics.entries()) {
        values[i]![row] =
          metric.kind === 'auc'
            ? rankingAuc(scores, test.items[row]!)
            : rankingMetrics[metric.name]!(metric.amongNegatives ? sampledList : list, relevant[row]!, metric.k)
      }
    },
    signal,
  )
  return Object.fromEntries(metrics.map(({ text }, i) => [text, bootstrapMean(values[i]!, seed)]))
}

const none = new Int32Array(0)

const deepest = (metrics: readonly NamedMetric[], amongNegatives: boolean): number =>
  Math.max(
    0,
    ...metrics.map((metric) => (metric.kind === 'list' && metric.amongNegatives === amongNegatives ? metric.k : 0)),
  )

/** @throws AppError CONFIG_INVALID for a metric among negatives where a user has several held-out items: the protocol knows one */
export function refuseSeveral(metrics: readonly NamedMetric[], { users, items }: HeldOut): void {
  const several = items.findIndex(({ length }) => length !== 1)
  if (several < 0 || deepest(metrics, true) === 0) return
  throw new AppError(
    'CONFIG_INVALID',
    `Metrics with :99 rank one held-out item among 99 others; user ${users[several]} has ${items[several]!.length}. Leave :99 out of --metrics.`,
  )
}
