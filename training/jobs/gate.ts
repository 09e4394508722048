import type { MetricRow } from '../../models/artifact/manifest.ts'
import { figure } from '../evaluation/figure.ts'
import { strictlyBetter } from '../evaluation/strictly-better.ts'

/** What became of the current champion on the held-out part, beside the new model. */
export type ChampionResult =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'measured'
      readonly version: number
      readonly value: number
      /** The new model, measured from its artifact in the same way. */
      readonly challenger: number
      /** A difference up to this is chance; 0 where it is not known. */
      readonly noise: number
    }
  /** It could not be measured, e.g. because its feature service changed. */
  | { readonly kind: 'failed'; readonly version: number; readonly problem: string }

export interface Verdict {
  readonly passed: boolean
  readonly reason: string
}

/**
 * Whether a model becomes champion: it must beat its baselines, and be strictly better than the champion in the headline metric
 * on the same held-out part, by more than chance and how floats round. A champion that cannot be measured any more counts as beaten, and the reason says so.
 *
 * @param job the job's own verdict against the baselines
 * @param headline the metric that is judged: first row of the model's metrics
 */
export function judge(job: Verdict, headline: MetricRow, champion: ChampionResult): Verdict {
  if (!job.passed) return job
  if (champion.kind === 'none') return { passed: true, reason: `${job.reason} There was no champion before.` }
  if (champion.kind === 'failed') {
    return {
      passed: true,
      reason: `${job.reason} The champion, version ${champion.version}, could not be measured on the same data and counts as beaten: ${champion.problem}`,
    }
  }
  const { challenger: ours, value, noise, version } = champion
  const ahead = strictlyBetter(ours, value, headline.higherIsBetter)
  const passed = ahead && Math.abs(ours - value) > noise
  const chance = ahead && !passed ? ` The difference is within chance (${figure(noise)}).` : ''
  const comparison = `${headline.metric} ${figure(ours)} ${passed ? 'beats' : 'does not beat'} the champion, version ${version}, with ${figure(value)} on the same held-out part.${chance}`
  return { passed, reason: `${job.reason} ${comparison}` }
}
