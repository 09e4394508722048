import { describe, expect, it } from 'vitest'
import { isPositiveEvent } from '../../../features/definitions/is-positive-event.ts'
import { isPositive } from '../../../features/definitions/sql-fragments.ts'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { eventTypes } from '../../../features/store/online-store.ts'

const given = [null, 0, 0.69, 0.7, 1, 3.9, 4, 5]
const cases = eventTypes.flatMap((eventType) =>
  given.flatMap((value) => [
    { eventType, value, completion: null },
    { eventType, value: null, completion: value },
  ]),
)

describe('isPositiveEvent', () => {
  it('of every type at every border, says what the statements on the warehouse say', async () => {
    const database = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 256, threads: 1 })
    const rows = cases.map(
      ({ eventType, value, completion }, i) =>
        `(${i}, '${eventType}', cast(${value ?? 'null'} as double), cast(${completion ?? 'null'} as double))`,
    )
    const found = await database.rows(
      `select i from (values ${rows.join(', ')}) as e (i, event_type, value, completion) where ${isPositive('e')} order by i`,
    )
    await database.close()
    const positive = cases.flatMap((event, i) => (isPositiveEvent(event) ? [i] : []))
    expect(positive).toEqual(found.map((row) => row.i))
    // 16 each of like, comment, share, save; ratings of 4 and 5; views of 0.7, 1, 3.9, 4 and 5.
    expect(positive).toHaveLength(4 * 16 + 2 + 5)
  })
})
