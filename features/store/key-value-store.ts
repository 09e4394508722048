import type { HistoryEvent } from './online-store.ts'

/**
 * The seam under the online store: bytes by key, and each person's live events. Everything else, from the packed rows to the switch of
 * versions, is the same for every implementation.
 */
export interface KeyValueStore {
  readonly kind: 'lmdb' | 'redis'

  /** Values that the caller may keep, aligned to 4 bytes; undefined for a key that is not there. @throws AppError STORE_FAILED */
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  /** @throws AppError STORE_FAILED | DISK_FULL */
  putMany(entries: readonly (readonly [key: string, value: Uint8Array])[]): Promise<void>
  /** Everything put before is on disk (LMDB) or acknowledged (Redis) after this. */
  flush(): Promise<void>
  remove(keys: readonly string[]): Promise<void>
  /** @param prefix ends with `/` */
  keys(prefix: string): AsyncIterable<readonly string[]>

  /**
   * Adds live events, each id once; the latest `liveLimit` of a person are kept. Durable when it returns.
   *
   * @returns how many were new
   */
  appendLive(userId: string, events: readonly HistoryEvent[]): Promise<number>
  /** In no particular order. */
  live(userId: string): Promise<readonly HistoryEvent[]>
  removeLive(userId: string): Promise<void>

  close(): Promise<void>
}

/** Live events kept of one person; older ones are in the warehouse by then. */
export const liveLimit = 500

/** Oldest first; events of the same moment in the order of their ids, as in fct_interactions. */
export const inOrder = (a: HistoryEvent, b: HistoryEvent): number =>
  a.occurredAt - b.occurredAt || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0)
