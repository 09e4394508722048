import { AppError } from '../../errors.ts'
import { rankingMetrics } from '../evaluation/ranking-metrics.ts'

/** A metric as a flag names it: `ndcg@10` over all items, `ndcg@10:99` among 99 negatives, `auc` over the whole ranking. */
export type NamedMetric =
  | {
      readonly kind: 'list'
      readonly text: string
      readonly name: string
      readonly k: number
      readonly amongNegatives: boolean
    }
  | { readonly kind: 'auc'; readonly text: string }

/** @throws AppError CONFIG_INVALID saying what there is */
export function parseMetric(text: string): NamedMetric {
  if (text === 'auc') return { kind: 'auc', text }
  const match = /^([a-z-]+)@([1-9]\d{0,5})(:99)?$/.exec(text)
  const name = match?.[1] === 'hr' ? 'hit-rate' : match?.[1]
  if (match !== null && name !== undefined && Object.hasOwn(rankingMetrics, name)) {
    return { kind: 'list', text, name, k: Number(match[2]), amongNegatives: match[3] !== undefined }
  }
  throw new AppError(
    'CONFIG_INVALID',
    `--metrics holds ${JSON.stringify(text)}; expected auc, ${Object.keys(rankingMetrics).join('@k, ')}@k or hr@k with k from 1, e.g. recall@20; with :99 behind it, among 99 negatives instead of all items.`,
  )
}
