import { isPositiveEvent } from '../../features/definitions/is-positive-event.ts'
import type { NewEvent } from '../../features/store/online-store.ts'
import type { Logger } from '../../log.ts'
import type { LiveCatalogue } from '../recommend/live-catalogue.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { EventLog, LoggedEvent } from './event-log.ts'
import { replayEvents } from './replay-events.ts'

export interface IntakeOptions {
  readonly eventsDir: string
  readonly eventLog: EventLog
  readonly store: GuardedStore
  readonly live: LiveCatalogue
  /** Seconds since 1970, UTC. */
  readonly clock: () => number
  readonly log: Logger
}

/** What became of posted events. */
export interface IntakeResult {
  /** Events whose id was not known. */
  readonly accepted: number
  readonly duplicates: number
  /** Whether the next recommendation sees them; false while the online store is away. */
  readonly visible: boolean
}

/** Latest event ids, so that a repeated post does not count twice in trending (some 10 MB); the store itself knows them all. */
const idsRemembered = 100_000

/**
 * Takes events in: durable in the log first, then visible in the online store, then counted for trending. What the store could
 * not take while it was away is handed to it from the log when it is back.
 */
export class EventIntake {
  readonly #options: IntakeOptions
  readonly #recentIds = new Set<string>()
  /** Events from this moment on may be missing in the store, seconds since 1970, UTC; undefined when none is. */
  #owedSince: number | undefined
  #replaying: Promise<void> | undefined

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** @throws AppError DISK_FULL | STORE_FAILED when the events are not durable */
  async accept(events: readonly NewEvent[]): Promise<IntakeResult> {
    await this.#options.eventLog.append(events)
    const receivedAt = this.#options.clock()
    const fresh = this.#count(events.map((event) => ({ ...event, receivedAt })))
    const stored = await this.#options.store.tryRead((store) => store.appendEvents(events))
    if (stored === undefined) {
      const earliest = events.reduce((least, event) => Math.min(least, event.occurredAt), Number.POSITIVE_INFINITY)
      this.#owedSince = Math.min(this.#owedSince ?? earliest, earliest)
      return { accepted: fresh, duplicates: events.length - fresh, visible: false }
    }
    return { accepted: stored, duplicates: events.length - stored, visible: true }
  }

  /** After a start: counts the logged events that the materialised features do not hold yet, and makes sure the store has them. */
  recover(): Promise<void> {
    this.#owedSince = this.#options.live.view.catalogue.held.until
    return this.settle()
  }

  /** Hands the store what it could not take. Cheap when nothing is owed; never throws. */
  settle(): Promise<void> {
    if (this.#owedSince === undefined) return Promise.resolve()
    this.#replaying ??= this.#replay(this.#owedSince).finally(() => {
      this.#replaying = undefined
    })
    return this.#replaying
  }

  async close(): Promise<void> {
    await this.#replaying
    await this.#options.eventLog.close()
  }

  async #replay(since: number): Promise<void> {
    const { eventsDir, store, log } = this.#options
    this.#owedSince = undefined
    let stored = 0
    try {
      for await (const batch of replayEvents(eventsDir, {
        occurredAfter: since,
        receivedSince: this.#options.live.view.catalogue.held.readAt,
      })) {
        this.#count(batch)
        stored += await store.read((open) => open.appendEvents(batch))
      }
      if (stored > 0) log.info({ events: stored }, 'logged events handed to the online store')
    } catch (error) {
      this.#owedSince = Math.min(since, this.#owedSince ?? since)
      log.warn({ reason: (error as Error).message }, 'logged events not handed to the online store yet')
    }
  }

  /** Counts events towards trending, each id once. @returns how many ids were new to this process */
  #count(events: readonly Required<LoggedEvent>[]): number {
    const { trending } = this.#options.live.view
    let fresh = 0
    for (const event of events) {
      if (this.#recentIds.has(event.eventId)) continue
      fresh++
      this.#recentIds.add(event.eventId)
      if (isPositiveEvent(event)) trending.add(event.contentId, event.occurredAt, event.receivedAt)
    }
    for (const id of this.#recentIds) {
      if (this.#recentIds.size <= idsRemembered) break
      this.#recentIds.delete(id)
    }
    return fresh
  }
}
