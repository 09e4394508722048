import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { bootstrapMean } from '../evaluation/bootstrap.ts'
import type { JudgedRecommender } from '../evaluation/judge-recommenders.ts'
import type { ReportSection } from '../report/report.ts'
import type { ConsideredFamily, LeftOutFamily } from './choose-family.ts'

export interface RecommenderReport {
  /** Family of the model. */
  readonly name: string
  readonly metrics: readonly MetricRow[]
  /** Best on the validation part first: the first is the model. None where nothing was chosen among. */
  readonly considered: readonly ConsideredFamily[]
  readonly leftOut: readonly LeftOutFamily[]
  readonly fitted: Interactions
  readonly heldOut: HeldOut
  readonly judged: readonly JudgedRecommender[]
  readonly seed: number
  /** Sentences on how this was done, e.g. the protocol. */
  readonly notes: readonly string[]
}

/** What a person reads about a trained recommender. */
export function recommenderReport(report: RecommenderReport): ReportSection[] {
  const left = report.leftOut.map(({ name, reason }) => `${name} was left out: ${reason}`)
  return [
    {
      kind: 'metrics',
      title: `Held-out ranking: ${report.name}`,
      rows: report.metrics,
      note: `Full ranking over all items outside the history, ${report.heldOut.users.length} users; 95 % bootstrap intervals over users.`,
    },
    ...families(report),
    ...settingsTried(report),
    ...report.considered.slice(0, 1).flatMap(learningCurve),
    popularityBuckets(report),
    { kind: 'text', title: 'Notes', paragraphs: [...report.notes, ...left] },
  ]
}

/** Who was considered, and how close it was. */
function families({ considered, seed }: RecommenderReport): ReportSection[] {
  const [best] = considered
  if (best === undefined) return []
  const worstFirst = considered.toReversed()
  const intervals = worstFirst.map(({ judged }) => bootstrapMean(judged.perUser['ndcg@10']!, seed))
  const seconds = worstFirst.map(({ family, seconds: took }) => `${family.name} ${took.toFixed(1)} s`).toReversed()
  return [
    {
      kind: 'chart',
      title: 'Families considered',
      caption: `NDCG@10 on the validation part, with 95 % intervals over ${best.judged.lists.length} users; the best became the model. Fitting and judging took: ${seconds.join(', ')}.`,
      option: {
        grid: { left: 130 },
        xAxis: { type: 'value', name: 'NDCG@10' },
        yAxis: { type: 'category', data: worstFirst.map(({ family }) => family.name) },
        series: [
          { name: 'NDCG@10', type: 'bar', data: worstFirst.map(({ ndcg }) => ndcg) },
          ...(['low', 'high'] as const).map((end) => ({
            name: `95 % ${end}`,
            type: 'scatter' as const,
            symbol: 'rect',
            symbolSize: [2, 14],
            itemStyle: { color: '#444' },
            data: intervals.map((interval) => interval[end] ?? interval.value),
          })),
        ],
      },
    },
  ]
}

/** Only where a search was asked for. */
function settingsTried({ considered }: RecommenderReport): ReportSection[] {
  const rows = considered.flatMap(({ family, search }) => {
    if (search === undefined) return []
    const { best, defaults, tried } = search
    const settings = Object.entries(best.settings).map(([name, value]) => `${name} ${value}`)
    return [[family.name, tried, defaults.ndcg.toFixed(4), best.ndcg.toFixed(4), settings.join(', ') || 'the defaults']]
  })
  const header = ['Family', 'Trials', 'NDCG@10 of the defaults', 'NDCG@10 of the best', 'Best settings']
  return rows.length === 0 ? [] : [{ kind: 'table', title: 'Settings tried on the validation part', header, rows }]
}

/** Only of what is trained in epochs. */
function learningCurve({ family, epochs }: ConsideredFamily): ReportSection[] {
  if (epochs.length === 0) return []
  const values = (name: string): (number | null)[] => epochs.map((figures) => figures[name] ?? null)
  return [
    {
      kind: 'chart',
      title: 'Learning curve',
      caption: `Loss of ${family.name} on the training part and NDCG@10 on the validation part, by epoch.`,
      option: {
        tooltip: { trigger: 'axis' },
        legend: {},
        xAxis: { type: 'category', name: 'epoch', data: epochs.map((_, i) => i + 1) },
        yAxis: [
          { type: 'value', name: 'loss', scale: true },
          { type: 'value', name: 'NDCG@10', scale: true, splitLine: { show: false } },
        ],
        series: [
          { name: 'loss', type: 'line', data: values('train/loss') },
          { name: 'NDCG@10', type: 'line', yAxisIndex: 1, data: values('validation/ndcg@10') },
        ],
      },
    },
  ]
}

const buckets = [
  { name: 'head: most popular 10 %', upTo: 0.1 },
  { name: 'middle: next 40 %', upTo: 0.5 },
  { name: 'tail: other half', upTo: 1 },
] as const

/** Whom does a model find: the popular items that everyone finds, or the rare ones too? */
function popularityBuckets({ fitted, heldOut, judged }: RecommenderReport): ReportSection {
  const bucketOf = bucketOfItems(fitted)
  const asked = buckets.map(() => 0)
  for (const items of heldOut.items) for (const item of items) asked[bucketOf[item]!]!++
  const series = judged.map(({ name, lists }) => {
    const found = buckets.map(() => 0)
    for (const [i, list] of lists.entries()) {
      const first = new Set(list.subarray(0, 10))
      for (const item of heldOut.items[i]!) if (first.has(item)) found[bucketOf[item]!]!++
    }
    return {
      name,
      type: 'bar' as const,
      data: found.map((hits, b) => (asked[b] === 0 ? 0 : hits / asked[b]!)),
    }
  })
  return {
    kind: 'chart',
    title: 'Found by popularity',
    caption: `Share of held-out items within the first ten, by how popular the item is in training (${asked.join(', ')} held-out items).`,
    option: {
      tooltip: { trigger: 'axis' },
      legend: {},
      xAxis: { type: 'category', data: buckets.map(({ name }) => name) },
      yAxis: { type: 'value', name: 'recall@10' },
      series,
    },
  }
}

/** `[items]`: index into `buckets`, by rank of popularity. */
function bucketOfItems({ items, itemIndices }: Interactions): Uint8Array {
  const counts = new Int32Array(items.length)
  for (const item of itemIndices) counts[item]!++
  const byCount = Int32Array.from(counts, (_, item) => item).sort((a, b) => counts[b]! - counts[a]! || a - b)
  const bucketOf = new Uint8Array(items.length)
  for (const [rank, item] of byCount.entries()) {
    bucketOf[item] = buckets.findIndex(({ upTo }) => (rank + 0.5) / items.length <= upTo)
  }
  return bucketOf
}
