import type { HistoryEvent } from '../../features/store/online-store.ts'
import type { LoadedModel, ModelReference } from '../runtime/loaded-model.ts'
import { alignmentOf } from './alignment.ts'
import type { Catalogue } from './catalogue.ts'
import { generalReason, type Reason } from './reason.ts'
import type { Trending } from './trending.ts'

export const fallbackReasons = [
  'unknown-user',
  'not-personalised',
  'model-missing',
  'model-refused',
  'store-unavailable',
  'everything-seen',
  'content-new-to-model',
  'unknown-creator',
  'nothing-earned',
  'already-silent',
  'features-stale',
  'no-forecast',
] as const
export type FallbackReason = (typeof fallbackReasons)[number]

/** Says that an answer is not what was asked for, and why. */
export interface Fallback {
  readonly reason: FallbackReason
  readonly detail: string
}

const details: Readonly<Record<FallbackReason, string>> = {
  'unknown-user': 'Nothing is known of this user yet; these are the contents that trend.',
  'not-personalised': 'This user did not agree to personalisation, or left; these are the contents that trend.',
  'model-missing': 'No recommender is loaded; these contents trend.',
  'model-refused': 'The recommender did not beat its baselines, so these rank in its place.',
  'store-unavailable': 'The online store does not answer, so the history of this user is not considered.',
  'everything-seen': 'This user has seen every content there is.',
  'content-new-to-model':
    'The model was trained before this content was published; these are of the same creator or category.',
  'unknown-creator': 'Nothing is known of this creator; the answer rests on everyone else.',
  'no-forecast': 'Only contents of the last 28 days have a forecast.',
  'nothing-earned':
    'This creator earned nothing in the last 90 days, so there is nothing to go on: ask POST /v1/predictions/revenue about a draft.',
  'already-silent': 'This user has not been seen for so long that nothing is left to foretell.',
  'features-stale': 'What is known is older than its time to live, so defaults stand in for it.',
}

/** A fallback with its usual words, or with better ones. */
export const fallback = (reason: FallbackReason, detail = details[reason]): Fallback => ({ reason, detail })

/** Says why nothing is personalised. @param why no recommender serves; see `ModelStore.absence` */
export const missingFallback = (why: string): Fallback =>
  fallback(
    'model-missing',
    `No recommender is loaded: ${why}. These contents trend. Run \`contentflow train recommender\`, or look at \`contentflow models list\`.`,
  )

/** Says that the baselines in a refused recommender's artifact answer instead of its network. @param refusal the gate's reason */
export const refusedFallback = ({ name, version }: ModelReference, refusal: string): Fallback =>
  fallback(
    'model-refused',
    `Version ${version} of ${name} was not promoted (${refusal.split(':')[0]}), so its neighbour lists answer without its network.`,
  )

export interface FallbackItem {
  /** Catalogue index. */
  readonly index: number
  readonly score: number
  readonly reason: Reason
}

/**
 * What anyone may like: what trends, then what is popular with everyone, then what is new; nothing that the user has seen.
 *
 * @returns at most `limit` items, best first
 */
export function fallbackList(
  history: readonly HistoryEvent[],
  model: LoadedModel<'recommender'> | undefined,
  catalogue: Catalogue,
  trending: Trending,
  limit: number,
  now: number,
): FallbackItem[] {
  const taken = new Set<number>()
  for (const event of history) taken.add(catalogue.indexOf.get(event.contentId) ?? -1)
  const items: FallbackItem[] = []
  const take = (index: number, reason: Reason): void => {
    if (index < 0 || items.length >= limit || taken.has(index)) return
    taken.add(index)
    items.push({ index, score: trending.scoreOf(index, now), reason })
  }
  const list = trending.list(now)
  for (const index of list) if (trending.scoreOf(index, now) > 0) take(index, generalReason('trending'))
  if (model !== undefined) {
    const { toCatalogue } = alignmentOf(model, catalogue)
    for (const item of model.payload.popularItems) take(toCatalogue[item]!, generalReason('popular'))
  }
  for (const index of list) take(index, generalReason('fresh'))
  return items
}
