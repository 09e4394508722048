import { AppError } from '../../errors.ts'
import type { EntityIds, OnlineFeatures } from '../definitions/feature-matrix.ts'
import type { FeatureService } from '../definitions/feature-view.ts'
import { defaultMatrix } from './default-matrix.ts'
import { type Dictionaries, fieldPositions, unpackRow } from './feature-row.ts'
import { decodeHistory } from './history-record.ts'
import { inOrder, type KeyValueStore } from './key-value-store.ts'
import {
  contentBlockKey,
  creatorBlockKey,
  currentKey,
  dictionaryKey,
  historyKey,
  optOutKey,
  personalKeys,
  rowKey,
  usersKey,
} from './online-keys.ts'
import { decodeJson, type OnlineMeta, parseMeta, type ViewMeta } from './online-meta.ts'
import type {
  ContentCard,
  CreatorCard,
  HeldFacts,
  HistoryEvent,
  NewEvent,
  OnlineStore,
  ViewFreshness,
} from './online-store.ts'
import { serviceColumns, type ViewColumns } from './service-columns.ts'

/** Over a network, what is current is asked for once a second; the version before it stays readable meanwhile. */
const remoteMetaMs = 1000

/** The online store over any key-value store: reads go to the version that `materialise` made current. */
export class VersionedStore implements OnlineStore {
  readonly kind: 'lmdb' | 'redis'
  readonly #store: KeyValueStore
  #meta: { readonly bytes: Uint8Array; readonly value: OnlineMeta } | undefined
  #metaAt = Number.NEGATIVE_INFINITY
  #dictionaries: { readonly version: string; readonly byView: Map<string, Dictionaries> } = {
    version: '',
    byView: new Map(),
  }

  /** @param store closed with this store */
  constructor(store: KeyValueStore) {
    this.#store = store
    this.kind = store.kind
  }

  async version(): Promise<string | undefined> {
    this.#metaAt = Number.NEGATIVE_INFINITY // asked explicitly: look, do not remember
    return (await this.#current())?.version
  }

  async freshness(): Promise<readonly ViewFreshness[]> {
    const meta = await this.#current()
    return (meta?.views ?? []).map(({ name, asOf, rows }) => ({ view: name, asOf, rows }))
  }

  async heldFacts(): Promise<HeldFacts | undefined> {
    return (await this.#current())?.facts
  }

  async isSynthetic(): Promise<boolean> {
    return (await this.#current())?.synthetic ?? false
  }

  async features(service: FeatureService, ids: EntityIds, now: number): Promise<OnlineFeatures> {
    const columns = serviceColumns(service)
    const rowCount = ids[columns[0]!.view.entity]?.length ?? 0
    const matrix = defaultMatrix(service, rowCount)
    const missingRows = new Uint8Array(rowCount).fill(1)
    const meta = await this.#current()
    for (const view of columns) {
      const viewIds = ids[view.view.entity]
      if (viewIds === undefined || viewIds.length !== rowCount) {
        throw new AppError(
          'INPUT_INVALID',
          `The feature service ${service.name} needs ${rowCount} ids of ${view.view.entity}, got ${viewIds?.length ?? 'none'}.`,
        )
      }
      const stored = meta === undefined ? undefined : viewOf(meta, service, view)
      if (stored === undefined || meta === undefined) {
        matrix.missing += rowCount
      } else if (now - stored.ageFrom > view.view.ttlSeconds) {
        matrix.stale += rowCount
        missingRows.fill(0)
      } else {
        const positions = fieldPositions(view.view)
        const dictionaries = await this.#dictionary(meta.version, view)
        const rows = await this.#store.getMany(viewIds.map((id) => rowKey(meta.version, view.view.name, id)))
        for (const [row, bytes] of rows.entries()) {
          if (bytes === undefined) {
            matrix.missing++
            continue
          }
          missingRows[row] = 0
          unpackRow(bytes, view, positions, dictionaries, matrix, row)
        }
      }
    }
    const { numeric, categorical, missing, stale } = matrix
    return { rowCount, numeric, categorical, missing, stale, missingRows }
  }

  async *catalogue(): AsyncGenerator<ContentCard, void, undefined> {
    const meta = await this.#current()
    if (meta !== undefined) yield* this.#blocks<ContentCard>(meta.version, meta.contentBlocks, contentBlockKey)
  }

  async *creators(): AsyncGenerator<CreatorCard, void, undefined> {
    const meta = await this.#current()
    if (meta !== undefined) yield* this.#blocks<CreatorCard>(meta.version, meta.creatorBlocks, creatorBlockKey)
  }

  async userIds(limit: number): Promise<readonly string[]> {
    const meta = await this.#current()
    if (meta === undefined) return []
    const [bytes] = await this.#store.getMany([usersKey(meta.version)])
    return bytes === undefined ? [] : (decodeJson(bytes) as string[]).slice(0, limit)
  }

  async mayPersonalise(userId: string): Promise<boolean> {
    return !(await this.#optedOut([userId])).has(userId)
  }

  async history(userId: string, limit: number): Promise<readonly HistoryEvent[]> {
    if (limit <= 0) return []
    const meta = await this.#current()
    const live = await this.#store.live(userId)
    const [bytes] = meta === undefined ? [] : await this.#store.getMany([historyKey(meta.version, userId)])
    const byId = new Map(live.map((event) => [event.eventId, event]))
    // The warehouse's word on an event counts more than what was posted.
    if (bytes !== undefined) for (const event of decodeHistory(bytes)) byId.set(event.eventId, event)
    return [...byId.values()].sort(inOrder).slice(-limit)
  }

  async appendEvents(events: readonly NewEvent[]): Promise<number> {
    const byUser = new Map<string, HistoryEvent[]>()
    const optedOut = await this.#optedOut([...new Set(events.map((event) => event.userId))])
    let dropped = 0
    for (const { userId, eventId, contentId, eventType, occurredAt } of events) {
      if (optedOut.has(userId)) {
        dropped++
        continue
      }
      const list = byUser.get(userId) ?? []
      byUser.set(userId, list)
      list.push({ eventId, contentId, eventType, occurredAt })
    }
    const added = await Promise.all([...byUser].map(([userId, list]) => this.#store.appendLive(userId, list)))
    return added.reduce((sum, one) => sum + one, dropped)
  }

  async eraseUser(userId: string): Promise<void> {
    const meta = await this.#current()
    const versions = meta === undefined ? [] : [meta.version, ...(meta.previous === null ? [] : [meta.previous])]
    const keys = versions.flatMap((version) => personalKeys(version, meta!.views, userId))
    await this.#store.remove(keys)
    await this.#store.removeLive(userId)
    await this.#store.flush()
  }

  async close(): Promise<void> {
    await this.#store.close()
  }

  async #optedOut(userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const meta = await this.#current()
    if (meta === undefined) return new Set()
    const marks = await this.#store.getMany(userIds.map((userId) => optOutKey(meta.version, userId)))
    return new Set(userIds.filter((_, i) => marks[i] !== undefined))
  }

  async #current(): Promise<OnlineMeta | undefined> {
    const now = performance.now()
    if (this.kind === 'redis' && now - this.#metaAt < remoteMetaMs) return this.#meta?.value
    const [bytes] = await this.#store.getMany([currentKey])
    this.#metaAt = now
    if (bytes === undefined) this.#meta = undefined
    else if (this.#meta === undefined || Buffer.compare(bytes, this.#meta.bytes) !== 0) {
      this.#meta = { bytes, value: parseMeta(bytes) }
    }
    return this.#meta?.value
  }

  async #dictionary(version: string, { view, categorical }: ViewColumns): Promise<Dictionaries> {
    if (categorical.length === 0) return {}
    if (this.#dictionaries.version !== version) this.#dictionaries = { version, byView: new Map() }
    const { byView } = this.#dictionaries
    const known = byView.get(view.name)
    if (known !== undefined) return known
    const [bytes] = await this.#store.getMany([dictionaryKey(version, view.name)])
    const dictionaries = bytes === undefined ? {} : (decodeJson(bytes) as Dictionaries)
    byView.set(view.name, dictionaries)
    return dictionaries
  }

  async *#blocks<T>(
    version: string,
    count: number,
    key: (version: string, block: number) => string,
  ): AsyncGenerator<T, void, undefined> {
    for (let block = 0; block < count; block++) {
      const [bytes] = await this.#store.getMany([key(version, block)])
      if (bytes === undefined) {
        throw new AppError(
          'STORE_FAILED',
          `Version ${version} of the online store was removed while it was read. Read again.`,
        )
      }
      yield* decodeJson(bytes) as T[]
    }
  }
}

/** @throws AppError FEATURES_CHANGED */
function viewOf(meta: OnlineMeta, service: FeatureService, { view }: ViewColumns): ViewMeta | undefined {
  const stored = meta.views.find((one) => one.name === view.name)
  if (stored !== undefined && stored.schemaHash !== view.schemaHash) {
    throw new AppError(
      'FEATURES_CHANGED',
      `The online rows of ${view.name} (for ${service.name}) were written with definition ${stored.schemaHash.slice(0, 12)}; the code has ${view.schemaHash.slice(0, 12)}. Run \`contentflow features build\` and \`contentflow features materialise\`.`,
    )
  }
  return stored
}
