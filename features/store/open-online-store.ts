import type { Config } from '../../config.ts'
import type { Logger } from '../../log.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { LmdbStore } from './lmdb-store.ts'
import type { OnlineStore } from './online-store.ts'
import { RedisStore } from './redis-store.ts'
import { VersionedStore } from './versioned-store.ts'

/**
 * Opens the online store that the configuration points to, for serving.
 *
 * @throws AppError STORE_FAILED when it cannot be reached
 */
export async function openOnlineStore(config: Pick<Config, 'online'>, log?: Logger): Promise<OnlineStore> {
  return new VersionedStore(await openKeyValueStore(config, log))
}

/** @param timeoutMs longest single command over the network; bulk writers give more */
export async function openKeyValueStore(
  { online }: Pick<Config, 'online'>,
  log?: Logger,
  timeoutMs?: number,
): Promise<KeyValueStore> {
  if (online.kind === 'lmdb') return LmdbStore.open(online.path)
  return RedisStore.open({
    url: online.url,
    ...(log === undefined ? {} : { log }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
}
