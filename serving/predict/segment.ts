import { featureService } from '../../features/definitions/index.ts'
import { type Fallback, fallback } from '../recommend/fallback.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { LoadedModel, Payloads } from '../runtime/loaded-model.ts'

type Segment = Payloads['segments']['segments'][number]

export interface UserSegment {
  readonly segment: Segment
  /** Distance to the segment's centre in the model's own space; null for a fallback. */
  readonly distance: number | null
  /** The second nearest segment: a close call is told from a clear case by comparing distances. */
  readonly runnerUp: { readonly id: string; readonly distance: number } | null
  readonly fallback: Fallback | null
}

/**
 * The segment nearest to a user; for one of whom nothing is known, or may be concluded, the largest one, marked.
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function userSegment(
  model: LoadedModel<'segments'>,
  store: GuardedStore,
  userId: string,
  now: number,
): Promise<UserSegment> {
  const { segments } = model.payload
  const largest = (why: Fallback): UserSegment => ({
    segment: segments.reduce((best, segment) => (segment.users > best.users ? segment : best)),
    distance: null,
    runnerUp: null,
    fallback: why,
  })
  const [mayPersonalise, features] = await store.read((open) =>
    Promise.all([open.mayPersonalise(userId), open.features(featureService('segments'), { user: [userId] }, now)]),
  )
  if (!mayPersonalise) {
    const detail = 'This user did not agree to personalisation, or left; this is the largest segment.'
    return largest(fallback('not-personalised', detail))
  }
  if (features.missing > 0) {
    return largest(fallback('unknown-user', 'Nothing is known of this user yet; this is the largest segment.'))
  }
  if (features.stale > 0) {
    return largest(fallback('features-stale', 'What is known of this user is too old; this is the largest segment.'))
  }
  const numeric = { shape: [1, features.numeric.length], data: features.numeric }
  const { distance } = await model.scorer.score({ numeric })
  const order = segments.map((_, index) => index).sort((a, b) => distance!.data[a]! - distance!.data[b]!)
  const [first, second] = order
  return {
    segment: segments[first!]!,
    distance: distance!.data[first!]!,
    runnerUp: second === undefined ? null : { id: segments[second]!.id, distance: distance!.data[second]! },
    fallback: null,
  }
}
