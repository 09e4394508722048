import { AppError } from '../../errors.ts'
import type { FeatureService } from '../../features/definitions/feature-view.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import { countsSoFar, forecastAges, forecastTable, growthOf } from '../datasets/forecast-table.ts'
import type { KnownRows } from '../datasets/known-outcomes.ts'
import type { JobContext } from './job.ts'
import { type OutcomeOptions, readOutcomes } from './read-outcomes.ts'

const quantities = ['views', 'likes', 'comments', 'shares'] as const

/**
 * Contents at every age of `forecastAges`, and what their counts still grew.
 *
 * @throws AppError DATA_INSUFFICIENT saying of what there is too little
 */
export async function readForecastData(context: JobContext, config: OutcomeOptions, service: FeatureService) {
  const read = await readOutcomes(context, config, {
    quantities,
    early: false,
    headlines: quantities.flatMap((quantity) => [`${quantity}_28d`, `${quantity}_7d`] as const),
  })
  const { contents, split } = read
  if (contents.singleDay) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      'All counts stand on the day of publication (fct_content_daily), so there is no growth to forecast; import counts of several days.',
    )
  }
  const table = await forecastTable(contents, context.offline, service)
  const { names } = read.targets
  const soFar = names.map((name) => countsSoFar(table, name))
  const growthTo = (counts: readonly Float64Array[]) => names.map((name, t) => growthOf(name, counts[t]!, soFar[t]!))
  const growth = { search: growthTo(read.search), past: growthTo(read.final), all: growthTo(read.values) }
  const atAllAges = (part: Int32Array, its: readonly Float64Array[]): Int32Array =>
    concatIndices(...forecastAges.map((_, k) => part.map((row) => k * contents.rowCount + row))).filter((row) =>
      its.some((values) => !Number.isNaN(values[row]!)),
    )
  const rows: KnownRows & { readonly test: Int32Array } = {
    train: atAllAges(read.rows.train, growth.search),
    valid: atAllAges(read.rows.valid, growth.search),
    past: atAllAges(read.rows.past, growth.past),
    test: atAllAges(split.test, growth.all),
  }
  return {
    ...read,
    names,
    table,
    /** ln(1 + count so far), `[T][rowCount]` */
    soFar,
    /** Of ln(1 + count) until each horizon, as known for choosing, for the last fit, and by now; `[T][rowCount]` */
    growth,
    rows,
    /** Of a row, as an index into `forecastAges`. */
    age: (row: number): number => Math.floor(row / contents.rowCount),
  }
}
