import type { MartSource } from '../sources/mart-source.ts'
import { encodeHistory } from './history-record.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { historyKey, usersKey } from './online-keys.ts'
import { encodeJson } from './online-meta.ts'
import type { EventType, HistoryEvent } from './online-store.ts'

/** Latest events kept of one person. */
const historyLimit = 200
/** People listed for the demo page. */
const listedUsers = 1000
const batchSize = 1000

/** Everything people did who may be remembered, each person's events together and oldest first. */
export const historiesSql = `select e.user_id, e.event_id, e.content_id, e.event_type,
  cast(extract(epoch from e.occurred_at) as double precision) as occurred_at
from fct_interactions e
join dim_user u on u.user_id = e.user_id
where u.deleted_at is null and u.consent_personalization
order by e.user_id, e.occurred_at, e.event_id`

/** People in the order of a reader: user-2 before user-10. */
export const usersSql = `select u.user_id from dim_user u
where u.deleted_at is null and u.consent_personalization
  and u.user_id in (select user_id from fct_interactions)
order by length(u.user_id), u.user_id
limit ${listedUsers}`

/** @returns people with a history */
export async function materialiseHistories(
  store: KeyValueStore,
  source: MartSource,
  version: string,
  signal: AbortSignal,
): Promise<number> {
  const columns = {
    user_id: 'string',
    event_id: 'string',
    content_id: 'string',
    event_type: 'string',
    occurred_at: 'float64',
  } as const
  let people = 0
  let userId: string | undefined
  let events: HistoryEvent[] = []
  let pending: [string, Uint8Array][] = []
  const finish = async (): Promise<void> => {
    if (userId === undefined) return
    people++
    pending.push([historyKey(version, userId), encodeHistory(events.slice(-historyLimit))])
    if (pending.length < batchSize) return
    await store.putMany(pending)
    pending = []
  }
  for await (const { rowCount, columns: c } of source.read(historiesSql, columns)) {
    signal.throwIfAborted()
    for (let i = 0; i < rowCount; i++) {
      if (c.user_id[i] !== userId) {
        await finish()
        userId = c.user_id[i]!
        events = []
      }
      events.push({
        eventId: c.event_id[i]!,
        contentId: c.content_id[i]!,
        eventType: c.event_type[i] as EventType,
        occurredAt: c.occurred_at[i]!,
      })
    }
  }
  await finish()
  await store.putMany(pending)
  const users = await source.rows(usersSql)
  await store.putMany([[usersKey(version), encodeJson(users.map((row) => row.user_id))]])
  return people
}
