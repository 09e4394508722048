import { countUpTo } from '../../features/transforms/count-up-to.ts'
import type { AudienceDays } from '../datasets/audience-days.ts'
import { silentDays } from '../datasets/churn-events.ts'
import type { ChurnRows } from '../datasets/churn-rows.ts'
import type { KnownValues } from '../datasets/known-outcomes.ts'
import type { TimeSplit } from '../datasets/time-split.ts'
import { fitBgNbd, type PurchaseHistory, silenceProbability } from '../estimators/bg-nbd.ts'
import { predictLinear } from '../estimators/design.ts'
import { fitLogistic, fitLogisticByValidation, sigmoid } from '../estimators/logistic.ts'
import { rowsOf } from '../estimators/ridge.ts'
import { prepareTable } from '../networks/tabular-model.ts'

/** Days between now and the last time, how many there were, and since when. */
const recencyFrequency = ['sinceLast', 'activeDays', 'untilLast'] as const

/**
 * Probabilities for the test rows by logistic regression on recency and frequency, on recency alone, and on nothing.
 *
 * @param outcomes whether a row was lost within the horizon, as known in time
 */
export async function recencyBaselines(
  rows: ChurnRows,
  split: TimeSplit,
  { search, final }: KnownValues,
): Promise<Readonly<Record<'recency and frequency' | 'recency' | 'base rate', Float64Array>>> {
  const known = Int32Array.from(rows.day.keys()).filter((row) => !Number.isNaN(final[row]!))
  const fitted = async (columns: readonly (typeof recencyFrequency)[number][]): Promise<Float64Array> => {
    const width = columns.length
    const numeric = Float32Array.from(
      { length: rows.rowCount * width },
      (_, i) => rows.history[columns[i % width]!][Math.floor(i / width)]!,
    )
    const table = { rowCount: rows.rowCount, featureCount: width, numeric, categorical: [] }
    const { design } = prepareTable(table, split.train, 1)
    const { l2 } = await fitLogisticByValidation(design, split.train, split.valid, search)
    const model = await fitLogistic(design, known, final, l2)
    return predictLinear(model, rowsOf(design, split.test)).map(sigmoid)
  }
  const rate = known.reduce((sum, row) => sum + final[row]!, 0) / known.length
  return {
    'recency and frequency': await fitted(recencyFrequency),
    recency: await fitted(['sinceLast']),
    'base rate': new Float64Array(split.test.length).fill(rate),
  }
}

/**
 * Probabilities by BG/NBD on active days that the test people's silence goes on until it counts, which it does within the shortest horizon;
 * fitted on everyone's history until the test part. Of leaving it knows nothing, and of a silence that begins later it has no closed form.
 */
export function silenceByBgNbd(audience: AudienceDays, rows: ChurnRows, { test, testFrom }: TimeSplit): Float64Array {
  const today = testFrom / 86_400
  const histories = audience.days.flatMap((days): PurchaseHistory[] => {
    const seen = countUpTo(days, today - 1)
    if (seen === 0) return []
    return [{ repeats: seen - 1, last: days[seen - 1]! - days[0]!, age: today - 1 - days[0]! }]
  })
  const model = fitBgNbd(histories)
  const { activeDays, untilLast, sinceLast } = rows.history
  return Float64Array.from(test, (row) => {
    // The day before the moment is the last whole one.
    const silent = sinceLast[row]! - 1
    const history = { repeats: activeDays[row]! - 1, last: untilLast[row]!, age: untilLast[row]! + silent }
    return silenceProbability(model, history, silentDays - silent)
  })
}
