import type { MartSource } from '../../features/sources/mart-source.ts'

/**
 * Whether the marts came from the sample generator, which says so in `contentflow_meta`; false where there is no such table.
 *
 * @throws AppError WAREHOUSE_FAILED
 */
export async function isSynthetic(source: MartSource): Promise<boolean> {
  const tables = await source.rows(
    "select 1 as found from information_schema.tables where table_schema = current_schema() and table_name = 'contentflow_meta'",
  )
  if (tables.length === 0) return false
  const rows = await source.rows("select value from contentflow_meta where key = 'synthetic'")
  return rows[0]?.value === 'true'
}
