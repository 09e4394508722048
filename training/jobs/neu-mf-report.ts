import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import type { JudgedRecommender } from '../evaluation/judge-recommenders.ts'
import type { EpochRecord } from '../networks/train-neu-mf.ts'
import type { ReportSection } from '../report/report.ts'

export interface NeuMfReport {
  readonly metrics: readonly MetricRow[]
  readonly history: readonly EpochRecord[]
  readonly bestEpoch: number
  readonly fitted: Interactions
  readonly heldOut: HeldOut
  readonly judged: readonly JudgedRecommender[]
  /** Sentences on how this was done, e.g. the protocol. */
  readonly notes: readonly string[]
}

/** What a person reads about a trained recommender. */
export function neuMfReport(report: NeuMfReport): ReportSection[] {
  return [
    {
      kind: 'metrics',
      title: 'Held-out ranking',
      rows: report.metrics,
      note: `Full ranking over all items outside the history, ${report.heldOut.users.length} users; 95 % bootstrap intervals over users.`,
    },
    learningCurve(report),
    popularityBuckets(report),
    { kind: 'text', title: 'Notes', paragraphs: report.notes },
  ]
}

function learningCurve({ history, bestEpoch }: NeuMfReport): ReportSection {
  return {
    kind: 'chart',
    title: 'Learning curve',
    caption: `Loss on the training part and NDCG@10 on the validation part, by epoch; epoch ${bestEpoch} is the best.`,
    option: {
      tooltip: { trigger: 'axis' },
      legend: {},
      xAxis: { type: 'category', name: 'epoch', data: history.map(({ epoch }) => epoch) },
      yAxis: [
        { type: 'value', name: 'loss', scale: true },
        { type: 'value', name: 'NDCG@10', scale: true, splitLine: { show: false } },
      ],
      series: [
        { name: 'loss', type: 'line', data: history.map(({ loss }) => loss) },
        { name: 'NDCG@10', type: 'line', yAxisIndex: 1, data: history.map(({ ndcg }) => ndcg) },
      ],
    },
  }
}

const buckets = [
  { name: 'head: most popular 10 %', upTo: 0.1 },
  { name: 'middle: next 40 %', upTo: 0.5 },
  { name: 'tail: other half', upTo: 1 },
] as const

/** Whom does a model find: the popular items that everyone finds, or the rare ones too? */
function popularityBuckets({ fitted, heldOut, judged }: NeuMfReport): ReportSection {
  const bucketOf = bucketOfItems(fitted)
  const asked = buckets.map(() => 0)
  for (const items of heldOut.items) for (const item of items) asked[bucketOf[item]!]!++
  const series = judged.map(({ name, lists }, index) => {
    const found = buckets.map(() => 0)
    for (const [i, list] of lists.entries()) {
      const first = new Set(list.subarray(0, 10))
      for (const item of heldOut.items[i]!) if (first.has(item)) found[bucketOf[item]!]!++
    }
    // The first is the model, by whichever network it is made of; the tables call it so too.
    return {
      name: index === 0 ? 'model' : name,
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
