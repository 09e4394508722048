import type { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import { ensureMarts } from '../../features/sources/warehouse-tables.ts'

export interface BenchmarkWorld {
  readonly users: number
  readonly contents: number
  readonly events: number
  readonly days: number
}

/** The day the events begin. */
export const firstDay = '2026-01-01'

/** Fills a warehouse with evenly drawn events: the work depends on the counts, not on what people like. */
export async function fillWorld(database: DuckDbDatabase, schema: string, world: BenchmarkWorld): Promise<void> {
  const { users, contents, events, days } = world
  await ensureMarts(database, schema)
  await database.run(`
    insert into dim_user (user_id, country, age_band, device, signed_up_at, consent_personalization)
      select 'user-' || i, 'IN', '25-34', 'mobile', timestamp '${firstDay}', true from range(${users}) t(i);
    insert into dim_creator (creator_id, platform) select 'creator-' || i, 'youtube' from range(${Math.ceil(contents / 20)}) t(i);
    insert into dim_content (content_id, platform, creator_id, published_at)
      select 'content-' || i, 'youtube', 'creator-' || (i // 20), timestamp '${firstDay}' from range(${contents}) t(i);
    insert into fct_interactions (event_id, user_id, content_id, platform, event_type, occurred_at, watch_seconds, completion)
      select 'e' || i, 'user-' || (hash(i) % ${users}), 'content-' || (hash(i + 1e9::bigint) % ${contents}), 'youtube',
        case when i % 7 = 0 then 'like' else 'view' end,
        timestamp '${firstDay}' + to_microseconds((i::double / ${events} * ${days} * 86400e6)::bigint), i % 600, (i % 101) / 100.0
      from range(${events}) t(i);`)
}
