import { describe, expect, it } from 'vitest'
import { networkOf, tabularNetworkSchema } from '../../../training/jobs/tabular-config.ts'

const trainingOn = (rows: number, given: Readonly<Record<string, number>> = {}) =>
  networkOf(tabularNetworkSchema.parse(given), 'regression', rows).training

describe('networkOf', () => {
  it('counts patience in epochs where an epoch is long', () => {
    // 100,000 rows in batches of 256 are 391 steps.
    expect(trainingOn(100_000)).toMatchObject({ batchSize: 256, patience: 6 })
  })

  it('is patient for 200 steps where an epoch is short', () => {
    // 1,259 rows in batches of 126 are 10 steps.
    expect(trainingOn(1259)).toMatchObject({ batchSize: 126, patience: 20 })
  })

  it('keeps a patience that is longer than that', () => {
    expect(trainingOn(1259, { patience: 30 }).patience).toBe(30)
  })

  it('has a step of eight rows for the smallest table', () => {
    expect(trainingOn(1)).toMatchObject({ batchSize: 8, patience: 100 * 2 })
  })
})
