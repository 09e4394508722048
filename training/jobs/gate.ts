import type { MetricRow } from '../../models/artifact/manifest.ts'
import { figure } from '../evaluation/figure.ts'
import { strictlyBetter } from '../evaluation/strictly-better.ts'

/** What became of the current champion on the new model's held-out part. */
export type ChampionResult =
  | { readonly kind: 'none' }
  | { readonly kind: 'measured'; readonly version: number; readonly value: number }
  /** It could not be measured, e.g. because its feature service changed. */
  | { readonly kind: 'failed'; readonly version: number; readonly problem: string }

export interface Verdict {
  readonly passed: boolean
  readonly reason: string
}

/**
 * Whether a model becomes champion: it must beat its baselines, and be strictly better than the champion in the headline metric
 * on the same held-out part, by more than floats round. A champion that cannot be measured any more counts as beaten, and the reason says so.
 *
 * @param job the job's own verdict against the baselines
 * @param headline the metric that is judged: first row of the model's metrics
 */
export function judge(job: Verdict, headline: MetricRow, champion: ChampionResult): Verdict {
  if (!job.passed) return job
  if (champion.kind === 'none') return { passed: true, reason: `${job.reason} There is no champion yet.` }
  if (champion.kind === 'failed') {
    return {
      passed: true,
      reason: `${job.reason} The champion, version ${champion.version}, could not be measured on the same data and counts as beaten: ${champion.problem}`,
    }
  }
  const ours = headline.model.value
  const passed = strictlyBetter(ours, champion.value, headline.higherIsBetter)
  const comparison = `${headline.metric} ${figure(ours)} ${passed ? 'beats' : 'does not beat'} the champion, version ${champion.version}, with ${figure(champion.value)} on the same held-out part.`
  return { passed, reason: `${job.reason} ${comparison}` }
}
