import type { FeatureField, FeatureView } from '../definitions/feature-view.ts'
import type { DuckDbDatabase } from '../sources/duckdb-database.ts'
import { literal } from '../sources/sql-text.ts'
import type { FieldStatistics } from './snapshot-manifest.ts'

const quantiles = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
const topCount = 10

/**
 * What the values of a snapshot look like, field by field.
 *
 * @param file an absolute path of a snapshot of this view
 * @throws AppError
 */
export async function fieldStatistics(
  engine: DuckDbDatabase,
  view: FeatureView,
  file: string,
): Promise<Record<string, FieldStatistics>> {
  const from = `read_parquet(${literal(file)}, hive_partitioning = false)`
  const [row] = await engine.rows(`select ${view.fields.flatMap(aggregates).join(',\n ')} from ${from}`)
  const statistics: Record<string, FieldStatistics> = {}
  for (const { name, dtype } of view.fields) {
    const at = (what: string): number => Number(row![`${name}_${what}`])
    const known = { count: at('n'), nulls: at('nulls') }
    if (dtype === 'category') {
      const top = await engine.rows(
        `select ${name} as value, count(*) as n from ${from} where ${name} is not null group by 1 order by 2 desc, 1 limit ${topCount}`,
      )
      const values = top.map((one) => ({ value: String(one.value), count: Number(one.n) }))
      statistics[name] = { ...known, numeric: null, top: values }
    } else {
      const spread = { min: at('low'), max: at('high'), mean: at('mean'), sd: at('sd') }
      const numeric = { ...spread, quantiles: quantiles.map((_, i) => at(`q${i}`)) }
      statistics[name] = { ...known, numeric: known.count === 0 ? null : numeric, top: null }
    }
  }
  return statistics
}

function aggregates({ name, dtype }: FeatureField): readonly string[] {
  const counts = [`count(${name}) as ${name}_n`, `count(*) - count(${name}) as ${name}_nulls`]
  if (dtype === 'category') return counts
  const x = `cast(${name} as double)`
  return [
    ...counts,
    `min(${x}) as ${name}_low`,
    `max(${x}) as ${name}_high`,
    `avg(${x}) as ${name}_mean`,
    `coalesce(stddev_samp(${x}), 0) as ${name}_sd`,
    ...quantiles.map((q, i) => `quantile_cont(${x}, ${q}) as ${name}_q${i}`),
  ]
}
