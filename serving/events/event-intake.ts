import { isPositiveEvent } from '../../features/definitions/is-positive-event.ts'
import type { NewEvent } from '../../features/store/online-store.ts'
import type { Logger } from '../../log.ts'
import type { LiveCatalogue } from '../recommend/live-catalogue.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { EventLog, LoggedEvent } from './event-log.ts'
import { OwedMark } from './owed-mark.ts'
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

/** Latest event ids, so that a repeated post does not count twice in trending (some 20 MB); the store itself knows each person's. */
const idsRemembered = 100_000

/**
 * Takes events in: durable in the log first, then visible in the online store, then counted for trending. What the store could
 * not take while it was away is handed to it from the log when it is back, by this process or the next.
 */
export class EventIntake {
  readonly #options: IntakeOptions
  /** User by event id, oldest first. */
  readonly #recent = new Map<string, string>()
  readonly #mark: OwedMark
  /** The store may lack events that were received from this moment on, seconds since 1970, UTC; undefined when it lacks none. */
  #owedSince: number | undefined
  /** Times that the store could not take events: whether it failed again during a replay. */
  #failures = 0
  /** Until the log was read after the start. */
  #recovering = false
  #replaying: Promise<void> | undefined

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#mark = new OwedMark(options.eventsDir)
  }

  /**
   * Places of events whose id another user's event has, among the posted ones and the latest hundred thousand. Older ones are not known
   * here: `contentflow import events` refuses theirs.
   */
  conflicts(events: readonly NewEvent[]): readonly number[] {
    const owners = new Map<string, string>()
    return events.flatMap(({ eventId, userId }, place) => {
      const owner = this.#recent.get(eventId) ?? owners.get(eventId) ?? userId
      owners.set(eventId, owner)
      return owner === userId ? [] : [place]
    })
  }

  /** @throws AppError DISK_FULL | STORE_FAILED when the events are not durable */
  async accept(events: readonly NewEvent[]): Promise<IntakeResult> {
    const { eventLog, store, clock } = this.#options
    const receivedAt = clock()
    // Before anything is waited for, so that of two posts of one id at the same time only one is new.
    const fresh = events.filter((event) => this.#remember(event))
    try {
      await eventLog.append(events)
    } catch (error) {
      for (const { eventId } of fresh) this.#recent.delete(eventId)
      throw error
    }
    this.#forgetOldest()
    const isFresh = new Set(fresh)
    const stored = await store.tryRead(async (open) => {
      const added = await open.appendEvents(fresh)
      // Repeated ones are not new, whether or not the store knows them: it may have been away when they came first.
      if (fresh.length < events.length) await open.appendEvents(events.filter((event) => !isFresh.has(event)))
      return added
    })
    // What this process does not remember may be a repeat from before its start: an old event that the store knew is counted already.
    const { until } = this.#options.live.view.catalogue.held
    const allNew = stored === undefined || stored === fresh.length
    for (const event of fresh) if (allNew || event.occurredAt > until) this.#count({ ...event, receivedAt })
    if (stored !== undefined) return { accepted: stored, duplicates: events.length - stored, visible: true }
    this.#failures++
    this.#owedSince = Math.min(this.#owedSince ?? receivedAt, receivedAt)
    await this.#mark.keep(() => this.#owedSince)
    return { accepted: fresh.length, duplicates: events.length - fresh.length, visible: false }
  }

  /**
   * After a start: counts the logged events that the materialised scores do not hold yet, and makes sure the store has them and what a
   * process before this one owed it. Resolves when it knows what is owed, before events may come; the rest goes on beside them. As long
   * as there is no catalogue, `settle` tries again.
   */
  async recover(): Promise<void> {
    this.#recovering = true
    try {
      const since = await this.#mark.read()
      if (since !== undefined) this.#owedSince = Math.min(this.#owedSince ?? since, since)
    } catch (error) {
      this.#options.log.error({ reason: (error as Error).message }, 'what is owed to the online store cannot be read')
      this.#owedSince = 0
    }
    void this.settle()
  }

  /** Hands the store what it could not take. Cheap when nothing is owed; never throws. */
  settle(): Promise<void> {
    if (!this.#recovering && this.#owedSince === undefined) return Promise.resolve()
    this.#replaying ??= this.#replay().finally(() => {
      this.#replaying = undefined
    })
    return this.#replaying
  }

  async close(): Promise<void> {
    await this.#replaying
    await this.#options.eventLog.close()
  }

  async #replay(): Promise<void> {
    const { eventsDir, store, live, log } = this.#options
    const { version, held } = live.view.catalogue
    const recovering = this.#recovering && version !== undefined
    const failures = this.#failures
    const owed = this.#owedSince ?? Number.POSITIVE_INFINITY
    const wanted = recovering
      ? { occurredAfter: held.until, receivedSince: Math.min(owed, held.readAt) }
      : { occurredAfter: Number.POSITIVE_INFINITY, receivedSince: owed }
    let stored = 0
    try {
      for await (const batch of replayEvents(eventsDir, wanted)) {
        // Otherwise this process has counted them when they came.
        if (recovering) for (const event of batch) if (this.#remember(event)) this.#count(event)
        this.#forgetOldest()
        stored += await store.read((open) => open.appendEvents(batch))
      }
      if (recovering) this.#recovering = false
      if (failures === this.#failures) this.#owedSince = undefined
      await this.#mark.keep(() => this.#owedSince)
      if (stored > 0) log.info({ events: stored }, 'logged events handed to the online store')
    } catch (error) {
      log.warn({ reason: (error as Error).message }, 'logged events not handed to the online store yet')
    }
  }

  /** @returns whether its id is new to this process */
  #remember({ eventId, userId }: NewEvent): boolean {
    if (this.#recent.has(eventId)) return false
    this.#recent.set(eventId, userId)
    return true
  }

  #forgetOldest(): void {
    for (const id of this.#recent.keys()) {
      if (this.#recent.size <= idsRemembered) break
      this.#recent.delete(id)
    }
  }

  /** Counts an event towards trending, as the published scores do. */
  #count(event: Required<LoggedEvent>): void {
    if (isPositiveEvent(event)) {
      this.#options.live.view.trending.add(event.contentId, event.occurredAt, event.receivedAt)
    }
  }
}
