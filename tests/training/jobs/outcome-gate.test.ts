import { expect, it } from 'vitest'
import { gateOutcomes } from '../../../training/jobs/outcome-gate.ts'

const row = (metric: string, value: number, baseline: number, low = value - 0.05) => ({
  metric,
  higherIsBetter: false,
  model: { value, low, high: value + 0.05 },
  baselines: { ridge: { value: baseline, low: null, high: null } },
})
const before = row('RMSE of ln views_7d', 0.8, 0.9)

it('is judged before publication where there is no other moment', () => {
  expect(gateOutcomes([before]).passed).toBe(true)
  expect(gateOutcomes([row('RMSE of ln views_7d', 0.9, 0.8)]).passed).toBe(false)
})

it('tells of the first day, and refuses only what is worse by its whole interval', () => {
  const after = (value: number, baseline: number) =>
    gateOutcomes([before, row(`${before.metric} after the first day`, value, baseline)])
  expect(after(0.3, 0.4)).toMatchObject({
    passed: true,
    reason: expect.stringContaining('after the first day 0.3 beats'),
  })
  expect(after(0.42, 0.4).passed).toBe(true)
  expect(after(0.46, 0.4)).toMatchObject({ passed: false, reason: expect.stringContaining('refused') })
})
