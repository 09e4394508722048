import { describe, expect, it } from 'vitest'
import type { MetricRow } from '../../../models/artifact/manifest.ts'
import { gateVirality } from '../../../training/jobs/virality-gate.ts'

const alone = (value: number) => ({ value, low: null, high: null })
const row = (metric: string, higherIsBetter: boolean, model: number, baselines: Record<string, number>): MetricRow => ({
  metric,
  higherIsBetter,
  model: alone(model),
  baselines: Object.fromEntries(Object.entries(baselines).map(([name, value]) => [name, alone(value)])),
})
const metrics = (auc: number, firstDay: number, before: number): [MetricRow, ...MetricRow[]] => [
  row('AUC after the first day', true, auc, { logistic: 0.7, 'base rate': 0.5 }),
  row('log loss after the first day', false, firstDay, { logistic: 0.1, 'base rate': 0.3 }),
  row('log loss before publication', false, before, { logistic: 0.1, 'base rate': 0.3 }),
  row('Brier score before publication', false, 0.08, { 'base rate': 0.07 }),
]

describe('gateVirality', () => {
  it('passes a model that orders best and whose probabilities beat the constant, and tells both', () => {
    const { passed, reason } = gateVirality(metrics(0.8, 0.2, 0.29))
    expect(passed).toBe(true)
    expect(reason).toContain('AUC after the first day 0.8 beats the strongest baseline, logistic')
    expect(reason).toContain('log loss before publication 0.29 against 0.3')
    expect(reason).toContain('Brier score before publication 0.08 against 0.07')
  })

  it('tells of the threshold, and refuses where its probabilities are worse by their whole interval', () => {
    const of = (low: number) => {
      const loss = row('log loss above the threshold after the first day', false, 0.35, { 'base rate': 0.3 })
      const order = row('AUC above the threshold after the first day', true, 0.9, { logistic: 0.8 })
      return gateVirality([...metrics(0.8, 0.2, 0.29), order, { ...loss, model: { value: 0.35, low, high: 0.4 } }])
    }
    expect(of(0.29)).toMatchObject({
      passed: true,
      reason: expect.stringContaining('AUC above the threshold after the first day 0.9 beats'),
    })
    expect(of(0.31).passed).toBe(false)
  })

  it('refuses a model that orders best, but whose log loss is worse than the constant', () => {
    const { passed, reason } = gateVirality(metrics(0.8, 0.31, 0.2))
    expect(passed).toBe(false)
    expect(reason).toContain('worth less than the constant base rate')
  })

  it('at the other moment, refuses only when the whole interval is worse', () => {
    const [headline, ...others] = metrics(0.8, 0.2, 0.33)
    const with95 = (low: number) =>
      others.map((row) =>
        row.metric === 'log loss before publication' ? { ...row, model: { value: 0.33, low, high: 0.4 } } : row,
      )
    expect(gateVirality([headline, ...with95(0.29)]).passed).toBe(true)
    expect(gateVirality([headline, ...with95(0.31)]).passed).toBe(false)
  })

  it('does not ask that the log loss beats a calibrated baseline', () => {
    expect(gateVirality(metrics(0.8, 0.2, 0.3)).passed).toBe(true) // .1 of logistic
  })

  it('refuses a model that does not order best, however calibrated', () => {
    expect(gateVirality(metrics(0.6, 0.1, 0.1)).passed).toBe(false)
  })
})
