import type { EntityIds, OnlineFeatures } from '../definitions/feature-matrix.ts'
import type { FeatureService } from '../definitions/feature-view.ts'

/** What the service needs to know of a content to recommend and to show it; written by `materialise`. */
export interface ContentCard {
  readonly contentId: string
  readonly title: string
  readonly creatorId: string
  readonly creatorName: string
  readonly platform: string
  readonly category: string
  readonly language: string
  readonly durationSeconds: number | null
  /** Seconds since 1970, UTC; null where it is not known. */
  readonly publishedAt: number | null
  /** Positive interactions in the 7 days before materialisation, halved every 2 days of age: the start of trending. */
  readonly trendingScore: number
}

export interface CreatorCard {
  readonly creatorId: string
  readonly name: string
  readonly platform: string
  readonly category: string
  readonly country: string
  readonly contentCount: number
}

/** One event of a user, as recommendations see it. */
export interface HistoryEvent {
  readonly eventId: string
  readonly contentId: string
  readonly eventType: EventType
  /** Seconds since 1970, UTC. */
  readonly occurredAt: number
}

export const eventTypes = ['view', 'like', 'comment', 'share', 'save', 'skip', 'rating'] as const
export type EventType = (typeof eventTypes)[number]

/** An event as posted to the service: a row of fct_interactions to be. */
export interface NewEvent extends HistoryEvent {
  readonly userId: string
  readonly platform: string
  readonly watchSeconds: number | null
  readonly completion: number | null
  readonly value: number | null
}

export interface ViewFreshness {
  readonly view: string
  /** The moment the stored rows describe, seconds since 1970, UTC. */
  readonly asOf: number
  readonly rows: number
}

/** Which events a version was made of: those up to `until` that had been received when the warehouse was read. Seconds since 1970, UTC. */
export interface HeldFacts {
  /** When the last interaction happened that the trending scores count; 0 when there was none. */
  readonly until: number
  /** When materialisation began: an event that was received later is not in the version, whenever it happened. */
  readonly readAt: number
}

/**
 * The online store: latest features, cards and histories with low-latency reads. `materialise` writes a whole new version and
 * switches to it atomically; live events are kept beside the versions and survive the switch.
 */
export interface OnlineStore {
  readonly kind: 'lmdb' | 'redis'

  /** The version that reads see, e.g. `20201130T000000-a1b2c3`; undefined before the first materialisation. */
  version(): Promise<string | undefined>
  freshness(): Promise<readonly ViewFreshness[]>
  /** What the version's trending scores hold; undefined before the first materialisation, and for versions that do not say it. */
  heldFacts(): Promise<HeldFacts | undefined>
  /** Whether the data came from the sample generator. */
  isSynthetic(): Promise<boolean>

  /**
   * @param now the moment for the ttl check, seconds since 1970, UTC
   * @throws AppError FEATURES_CHANGED when the stored rows were written with other definitions of the service's views
   * @throws AppError STORE_FAILED when the store cannot be reached
   */
  features(service: FeatureService, ids: EntityIds, now: number): Promise<OnlineFeatures>

  /** All contents that may be recommended, in no particular order. */
  catalogue(): AsyncIterable<ContentCard>
  creators(): AsyncIterable<CreatorCard>
  /** Some known user ids in a stable order, for the demo page. */
  userIds(limit: number): Promise<readonly string[]>

  /**
   * False for a person who did not agree to personalisation or whose account is deleted, as of the last materialisation: nothing is
   * known of them, and live events are not kept.
   */
  mayPersonalise(userId: string): Promise<boolean>
  /** The user's latest events (materialised and live, each event id once), oldest first; empty for an unknown user. */
  history(userId: string, limit: number): Promise<readonly HistoryEvent[]>
  /**
   * Makes events visible to `history` at once. Idempotent by event id. Those of people who may not be personalised are dropped.
   *
   * @returns how many of them were new; dropped ones all count, as there is nothing to compare them with
   */
  appendEvents(events: readonly NewEvent[]): Promise<number>
  /** Forgets a person at once: features, history and live events. The next `materialise` leaves out who is deleted in dim_user. */
  eraseUser(userId: string): Promise<void>

  close(): Promise<void>
}
