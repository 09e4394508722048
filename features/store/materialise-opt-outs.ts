import type { MartSource } from '../sources/mart-source.ts'
import { erasedUsersSql } from './erased-user-snapshots.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { optOutKey, personalKeys } from './online-keys.ts'
import type { OnlineMeta } from './online-meta.ts'

const mark = Uint8Array.of(1)

/** Marks, in a version to be, the people of whom nothing may be kept, so that their live events are not. */
export async function markOptOuts(
  store: KeyValueStore,
  source: MartSource,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  for await (const userIds of erasedUsers(source)) {
    signal.throwIfAborted()
    await store.putMany(userIds.map((userId) => [optOutKey(version, userId), mark] as const))
  }
}

/** Forgets what live events and the version before still hold of them; after the switch, when nothing is added any more. */
export async function eraseOptOuts(
  store: KeyValueStore,
  source: MartSource,
  previous: OnlineMeta | undefined,
): Promise<void> {
  for await (const userIds of erasedUsers(source)) {
    if (previous !== undefined) {
      await store.remove(userIds.flatMap((userId) => personalKeys(previous.version, previous.views, userId)))
    }
    await Promise.all(userIds.map((userId) => store.removeLive(userId)))
  }
}

async function* erasedUsers(source: MartSource): AsyncGenerator<readonly string[], void, undefined> {
  for await (const { rowCount, columns } of source.read(erasedUsersSql, { user_id: 'string' })) {
    yield Array.from({ length: rowCount }, (_, i) => columns.user_id[i]!)
  }
}
