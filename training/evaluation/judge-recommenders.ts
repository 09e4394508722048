import type { Estimate, MetricRow } from '../../models/artifact/manifest.ts'
import { topItems } from '../classical/top-items.ts'
import { historyOf, type Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { coverage, exposures, gini, novelty, popularityLift, serendipity } from './beyond-accuracy.ts'
import { bootstrapMean } from './bootstrap.ts'
import { intraListDiversity } from './intra-list-diversity.ts'
import { itemPopularity, mostPopularUnseen } from './item-popularity.ts'
import { rankingAuc } from './ranking-auc.ts'
import { rankingMetrics } from './ranking-metrics.ts'
import { type Scorable, scoreUsers } from './score-users.ts'

/** One recommender's lists on the held-out part, and what each metric makes of each user. */
export interface JudgedRecommender {
  readonly name: string
  /** `[judged users]`, each best first. */
  readonly lists: readonly Int32Array[]
  /** By metric and cut-off, e.g. `ndcg@10`, and `auc`: one value per judged user; NaN where it says nothing. */
  readonly perUser: Readonly<Record<string, Float64Array>>
}

/** What recommenders were fitted on, and what they are judged by. */
export interface Judgement {
  readonly fitted: Interactions
  readonly heldOut: HeldOut
}

const metricsOfReport = ['ndcg@10', 'hit-rate@10', 'recall@20', 'map@20', 'mrr@20']
const depth = 20
const shortList = 10
/** A user with at most so many items, an item with at most so many users. */
const newWithin = 5
/** New users and new contents are shown apart where there are enough to say something. */
const smallestGroup = 10
/** Lists whose diversity is measured: each asks for 45 cosines. */
const listsForDiversity = 1000

/** Ranks all items for every judged user with one recommender. */
export async function judge(
  recommender: Scorable,
  fitted: Interactions,
  heldOut: HeldOut,
  signal?: AbortSignal,
): Promise<JudgedRecommender> {
  const lists: Int32Array[] = []
  const auc = new Float64Array(heldOut.users.length)
  await scoreUsers(
    recommender,
    fitted,
    heldOut,
    (row, history, scores) => {
      for (const item of history) scores[item] = Number.NEGATIVE_INFINITY
      lists.push(topItems(scores, depth))
      auc[row] = rankingAuc(scores, heldOut.items[row]!)
    },
    signal,
  )
  const relevant = heldOut.items.map((items) => new Set(items))
  const perUser = Object.fromEntries(
    metricsOfReport.map((metric) => {
      const [name, k] = metric.split('@') as [string, string]
      const values = lists.map((ranked, i) => rankingMetrics[name]!(ranked, relevant[i]!, Number(k)))
      return [metric, Float64Array.from(values)]
    }),
  )
  return { name: recommender.name, lists, perUser: { ...perUser, auc } }
}

/**
 * The report's rows: each metric of the model beside the baselines', with 95 % bootstrap intervals; NDCG@10 first, as the headline, then
 * new users and new contents apart where there are some, then what accuracy does not say.
 *
 * Coverage and Gini have no interval: they are no means over users.
 */
export function metricRows(
  model: JudgedRecommender,
  baselines: readonly JudgedRecommender[],
  judgement: Judgement,
  seed: number,
): [MetricRow, ...MetricRow[]] {
  const row = (metric: string, higherIsBetter: boolean, of: (judged: JudgedRecommender) => Estimate): MetricRow => ({
    metric,
    higherIsBetter,
    model: of(model),
    baselines: Object.fromEntries(
      baselines
        .map((baseline) => [baseline.name, of(baseline)] as const)
        .filter(([, { value }]) => Number.isFinite(value)),
    ),
  })
  const byUser = (metric: string, higherIsBetter: boolean, of: (judged: JudgedRecommender) => Float64Array) =>
    row(metric, higherIsBetter, (judged) => bootstrapMean(of(judged), seed))
  const [headline, ...accuracy] = [...metricsOfReport, 'auc'].map((metric) =>
    byUser(metric, true, ({ perUser }) => perUser[metric]!),
  )
  const itemCount = judgement.fitted.items.length
  const shown = ({ lists }: JudgedRecommender): Int32Array => exposures(lists.map(short), itemCount)
  const whole = (value: number): Estimate => ({ value, low: null, high: null })
  const beyond = beyondAccuracy(judgement)
  const others = [
    ...accuracy,
    ...groups(judgement).map(({ metric, of }) => byUser(metric, true, of)),
    row(`coverage@${shortList}`, true, (judged) => whole(coverage(shown(judged)))),
    row(`gini@${shortList}`, false, (judged) => whole(gini(shown(judged)))),
    ...beyond.map(({ metric, higherIsBetter, of }) => byUser(`${metric}@${shortList}`, higherIsBetter, of)),
  ]
  // A catalogue of a few items leaves no list to be diverse.
  return [headline!, ...others.filter((other) => Number.isFinite(other.model.value))]
}

const short = (list: Int32Array): Int32Array => list.subarray(0, shortList)

/** New users by NDCG@10, new contents by recall@20: groups too small to say anything are left out. */
function groups({ fitted, heldOut }: Judgement): { metric: string; of: (judged: JudgedRecommender) => Float64Array }[] {
  const { counts } = itemPopularity(fitted)
  const isNew = Array.from(heldOut.users, (_, i) => historyAt({ fitted, heldOut }, i).length <= newWithin)
  const newItems = heldOut.items.map((items) => new Set(items.filter((item) => counts[item]! <= newWithin)))
  const found = []
  if (isNew.filter(Boolean).length >= smallestGroup) {
    const of = ({ perUser }: JudgedRecommender) =>
      perUser['ndcg@10']!.map((value, i) => (isNew[i] ? value : Number.NaN))
    found.push({ metric: 'ndcg@10:new-users', of })
  }
  if (newItems.filter(({ size }) => size > 0).length >= smallestGroup) {
    const of = ({ lists }: JudgedRecommender) =>
      Float64Array.from(lists, (list, i) => rankingMetrics.recall!(list, newItems[i]!, depth))
    found.push({ metric: 'recall@20:new-content', of })
  }
  return found
}

interface PerUser {
  readonly metric: string
  readonly higherIsBetter: boolean
  of(judged: JudgedRecommender): Float64Array
}

function beyondAccuracy(judgement: Judgement): PerUser[] {
  const { fitted, heldOut } = judgement
  const popularity = itemPopularity(fitted)
  const diversity = intraListDiversity(popularity)
  const histories = Array.from(heldOut.users, (_, i) => historyAt(judgement, i))
  const popular = histories.map((history) => mostPopularUnseen(popularity, history, shortList))
  const relevant = heldOut.items.map((items) => new Set(items))
  const every = Math.ceil(heldOut.users.length / listsForDiversity)
  const per = (metric: string, higherIsBetter: boolean, value: (list: Int32Array, i: number) => number): PerUser => ({
    metric,
    higherIsBetter,
    of: ({ lists }) => Float64Array.from(lists, (list, i) => value(short(list), i)),
  })
  return [
    per('novelty', true, (list) => novelty(list, popularity)),
    per('diversity', true, (list, i) => (i % every === 0 ? diversity(list) : Number.NaN)),
    per('serendipity', true, (list, i) => serendipity(list, relevant[i]!, popular[i]!)),
    per('popularity-lift', false, (list, i) => popularityLift(list, histories[i]!, popularity)),
  ]
}

const historyAt = ({ fitted, heldOut }: Judgement, row: number): Int32Array =>
  heldOut.histories?.[row] ?? historyOf(fitted, heldOut.users[row]!)
