import type { FeatureService } from '../../features/definitions/feature-view.ts'
import type { OfflineStore } from '../../features/store/offline-store.ts'
import type { FeatureTable } from './content-table.ts'
import type { ContentOutcomes } from './contents.ts'
import { type OutcomeName, partsOfOutcome } from './outcome-names.ts'

const daySeconds = 86_400

/** Days after that of publication, whose end a content is looked at. */
export const forecastAges = [0, 1, 3, 7, 14] as const

/** Where contents stood at those ages: row `k·n + i` is content i at the k-th age. */
export interface ForecastTable extends FeatureTable {
  /** Column of `numeric` with the age in days, and those with ln(1 + count so far) by quantity. */
  readonly ageColumn: number
  readonly countColumn: ReadonlyMap<string, number>
}

/**
 * Reads what was known of each content, and of its creator, on the day after each age.
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function forecastTable(
  contents: ContentOutcomes,
  offline: OfflineStore,
  service: FeatureService,
): Promise<ForecastTable> {
  const n = contents.rowCount
  const rowCount = n * forecastAges.length
  const at = Float64Array.from({ length: rowCount }, (_, row) => {
    const published = Math.floor(contents.publishedAt[row % n]! / daySeconds)
    return (published + forecastAges[Math.floor(row / n)]! + 1) * daySeconds
  })
  const repeated = (ids: readonly string[]): string[] => forecastAges.flatMap(() => [...ids])
  const store = await offline.historicalFeatures(service, {
    rowCount,
    at,
    content: repeated(contents.contentId),
    creator: repeated(contents.creatorId),
  })
  const numeric = service.fields.flatMap(({ field }) => (field.dtype === 'float32' ? [field] : []))
  const categorical = service.fields.flatMap(({ field }) => (field.dtype === 'category' ? [field] : []))
  const columnOf = (name: string): number => numeric.findIndex((field) => field.name === name)
  return {
    rowCount,
    featureCount: numeric.length,
    numeric: store.numeric,
    numericFields: numeric.map(({ name, unit, description }) => ({ name, source: 'store', unit, description })),
    categorical: store.categorical,
    categoricalFields: categorical.map(({ name, description }) => ({ name, source: 'store', description })),
    texts: { title: [], description: [], tags: [] },
    ageColumn: columnOf('age_days'),
    countColumn: new Map(['views', 'likes', 'comments', 'shares'].map((name) => [name, columnOf(`log_${name}`)])),
  }
}

/** ln(1 + count so far) of every row; NaN where the content was not known at that very age. `[rowCount]` */
export function countsSoFar(table: ForecastTable, target: OutcomeName): Float64Array {
  const { featureCount, numeric, rowCount, ageColumn } = table
  const column = table.countColumn.get(partsOfOutcome(target).quantity)!
  const n = rowCount / forecastAges.length
  return Float64Array.from({ length: rowCount }, (_, row) =>
    numeric[row * featureCount + ageColumn] === forecastAges[Math.floor(row / n)]
      ? numeric[row * featureCount + column]!
      : Number.NaN,
  )
}

/**
 * What a count still grows: ln(1 + count at the horizon) − ln(1 + count so far), at least 0.
 *
 * @param final `[n]`: ln(1 + count at the horizon); NaN = unknown
 * @param soFar `[rowCount]`, of `countsSoFar`
 * @returns `[rowCount]`; NaN where the horizon is over, or one of both is unknown
 */
export function growthOf(target: OutcomeName, final: Float64Array, soFar: Float64Array): Float64Array {
  const { days } = partsOfOutcome(target)
  const n = final.length
  return soFar.map((known, row) =>
    forecastAges[Math.floor(row / n)]! < days ? Math.max(0, final[row % n]! - known) : Number.NaN,
  )
}
