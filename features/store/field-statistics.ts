import type { FeatureView } from '../definitions/feature-view.ts'
import type { DuckDbDatabase } from '../sources/duckdb-database.ts'
import type { FieldStatistics } from './snapshot-manifest.ts'
import { literal } from './snapshot-writer.ts'

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
  const statistics: Record<string, FieldStatistics> = {}
  const from = `read_parquet(${literal(file)}, hive_partitioning = false)`
  for (const field of view.fields) {
    const { name } = field
    if (field.dtype === 'category') {
      const [row] = await engine.rows(`select count(${name}) as n, count(*) - count(${name}) as nulls from ${from}`)
      const top = await engine.rows(
        `select ${name} as value, count(*) as n from ${from} where ${name} is not null group by 1 order by 2 desc, 1 limit ${topCount}`,
      )
      statistics[name] = {
        count: Number(row!.n),
        nulls: Number(row!.nulls),
        numeric: null,
        top: top.map((one) => ({ value: String(one.value), count: Number(one.n) })),
      }
      continue
    }
    const [row] = await engine.rows(
      `select count(x) as n, count(*) - count(x) as nulls, min(x) as low, max(x) as high, avg(x) as mean, coalesce(stddev_samp(x), 0) as sd,
        ${quantiles.map((q, i) => `quantile_cont(x, ${q}) as q${i}`).join(', ')}
       from (select cast(${name} as double) as x from ${from})`,
    )
    const at = (key: string): number => Number(row![key])
    statistics[name] = {
      count: at('n'),
      nulls: at('nulls'),
      numeric:
        at('n') === 0
          ? null
          : {
              min: at('low'),
              max: at('high'),
              mean: at('mean'),
              sd: at('sd'),
              quantiles: quantiles.map((_, i) => at(`q${i}`)),
            },
      top: null,
    }
  }
  return statistics
}
