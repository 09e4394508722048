import { describe, expect, it } from 'vitest'
import { judge } from '../../../training/jobs/gate.ts'
import { metricRow } from '../../support/sample-artifact.ts'

const passed = { passed: true, reason: 'Beats popularity.' }
const error = { ...metricRow(0.5), metric: 'rmse', higherIsBetter: false }

describe('judge', () => {
  it('refuses what does not beat its baselines, whatever the champion', () => {
    const refused = { passed: false, reason: 'Too weak.' }
    expect(judge(refused, metricRow(0.9), { kind: 'none' })).toEqual(refused)
    expect(judge(refused, metricRow(0.9), { kind: 'failed', version: 1, problem: 'x' })).toEqual(refused)
  })

  it('passes what beats its baselines where there is no champion', () => {
    expect(judge(passed, metricRow(0.1), { kind: 'none' }).passed).toBe(true)
  })

  it('wants strictly better than the champion', () => {
    const against = (value: number) => judge(passed, metricRow(0.5), { kind: 'measured', version: 7, value }).passed
    expect([against(0.49), against(0.5), against(0.51)]).toEqual([true, false, false])
    // the champion's own figure, rounded otherwise
    expect(against(0.5 - 1e-9)).toBe(false)
  })

  it('takes less as better where the metric is an error', () => {
    const against = (value: number) => judge(passed, error, { kind: 'measured', version: 7, value }).passed
    expect([against(0.49), against(0.5), against(0.51)]).toEqual([false, false, true])
  })

  it('gives both figures in the reason', () => {
    const { reason } = judge(passed, metricRow(0.123456), { kind: 'measured', version: 7, value: 0.2 })
    expect(reason).toBe(
      'Beats popularity. ndcg@10 0.1235 does not beat the champion, version 7, with 0.2 on the same held-out part.',
    )
  })
})
