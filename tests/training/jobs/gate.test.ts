import { describe, expect, it } from 'vitest'
import { judge } from '../../../training/jobs/gate.ts'
import { metricRow } from '../../support/sample-artifact.ts'

const passed = { passed: true, reason: 'Beats popularity.' }
/** The champion and the new model as both were measured from their artifacts. */
const against = (value: number, challenger: number, noise = 0) =>
  ({ kind: 'measured', version: 7, value, challenger, noise }) as const
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
    const beats = (value: number) => judge(passed, metricRow(0.5), against(value, 0.5)).passed
    expect([beats(0.49), beats(0.5), beats(0.51)]).toEqual([true, false, false])
    // the champion's own figure, rounded otherwise
    expect(beats(0.5 - 1e-9)).toBe(false)
  })

  it('takes less as better where the metric is an error', () => {
    const beats = (value: number) => judge(passed, error, against(value, 0.5)).passed
    expect([beats(0.49), beats(0.5), beats(0.51)]).toEqual([false, false, true])
  })

  it('leaves the champion where the difference is within chance, and says so', async () => {
    expect(judge(passed, metricRow(0.5), against(0.49, 0.5, 0.005)).passed).toBe(true)
    const { passed: promoted, reason } = judge(passed, metricRow(0.5), against(0.49, 0.5, 0.02))
    expect(promoted).toBe(false)
    expect(reason).toContain('does not beat the champion, version 7, with 0.49')
    expect(reason).toContain('The difference is within chance (0.02).')
  })

  it('gives both figures in the reason', () => {
    const { reason } = judge(passed, metricRow(0.123456), against(0.2, 0.123456))
    expect(reason).toBe(
      'Beats popularity. ndcg@10 0.1235 does not beat the champion, version 7, with 0.2 on the same held-out part.',
    )
  })
})
