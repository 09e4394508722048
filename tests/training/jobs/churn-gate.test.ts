import { describe, expect, it } from 'vitest'
import type { MetricRow } from '../../../models/artifact/manifest.ts'
import { gateChurn } from '../../../training/jobs/churn-gate.ts'

const alone = (value: number) => ({ value, low: null, high: null })
const within = (value: number) => ({ value, low: value - 0.03, high: value + 0.03 })
const baselines = (its: Record<string, number>) =>
  Object.fromEntries(Object.entries(its).map(([name, value]) => [name, alone(value)]))

const gate = (loss: number, losses: Record<string, number>, area = 0.8, areas: Record<string, number> = {}) =>
  gateChurn([
    {
      metric: 'log loss within 28 days',
      higherIsBetter: false,
      model: within(loss),
      baselines: baselines({ 'base rate': 0.6, ...losses }),
    },
    { metric: 'AUC within 28 days', higherIsBetter: true, model: within(area), baselines: baselines(areas) },
  ] satisfies [MetricRow, MetricRow])

describe('gateChurn', () => {
  it('passes the smallest log loss, and tells what stands beside it', () => {
    const { passed, reason } = gate(0.4, { recency: 0.41, logistic: 0.42 }, 0.8, { 'BG/NBD': 0.82 })
    expect(passed).toBe(true)
    expect(reason).toContain('0.4 beats the strongest baseline, recency, with 0.41')
    expect(reason).toContain('BG/NBD 0.82')
  })

  it('refuses what is worth less than a baseline, however small the margin', () => {
    expect(gate(0.4, { recency: 0.399 }).passed).toBe(false)
    expect(gate(0.61, {}).passed).toBe(false)
  })

  it('lets a tie with its own linear start pass, and nothing beyond', () => {
    expect(gate(0.4, { logistic: 0.38 }).passed).toBe(true)
    const { passed, reason } = gate(0.4, { logistic: 0.36 })
    expect(passed).toBe(false)
    expect(reason).toContain('better: logistic in log loss within 28 days')
  })

  it('refuses what a baseline orders better by more than chance', () => {
    expect(gate(0.4, {}, 0.8, { 'BG/NBD': 0.84 }).passed).toBe(false)
  })

  it('refuses what cannot be measured', () => {
    expect(gate(Number.NaN, {}).passed).toBe(false)
  })
})
