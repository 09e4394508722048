import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { judgeBaselines, judgeBesideStart } from '../../../training/evaluation/baseline-gate.ts'
import { bootstrapStatistic } from '../../../training/evaluation/bootstrap-statistic.ts'
import { fitPlatt, recentre } from '../../../training/evaluation/platt.ts'

describe('fitPlatt', () => {
  it('finds the planted curve again', () => {
    const random = createRandom(1)
    const logit = Float64Array.from({ length: 20_000 }, () => 2 * random.normal())
    const actual = logit.map((z) => (random.uniform() < 1 / (1 + Math.exp(-(0.5 * z - 1))) ? 1 : 0))
    const { slope, intercept } = fitPlatt(logit, actual)
    expect(slope).toBeCloseTo(0.5, 1)
    expect(intercept).toBeCloseTo(-1, 1)
  })
  it('leaves logits alone when a class is absent', () => {
    expect(fitPlatt([1, 2], [1, 1])).toEqual({ slope: 1, intercept: 0 })
  })
  it('never turns the order round', () => {
    const often = (values: readonly number[]) => Array.from({ length: 200 }, (_, i) => values[i % values.length]!)
    expect(fitPlatt(often([-2, -1, 1, 2]), often([1, 1, 0, 0])).slope).toBe(0)
  })

  it('lets few examples change a slope little, even where they say the contrary', () => {
    const { slope } = fitPlatt([-2, -1, 1, 2], [1, 1, 0, 0])
    expect(slope).toBeGreaterThan(0.3)
    expect(slope).toBeLessThan(1)
  })
})

describe('recentre', () => {
  it('makes the mean probability the share of positives, at a slope that stays', () => {
    // one logit for all, one in four positive: slope·1 + b = ln(1/3), so b = −1.0986 − 2
    expect(recentre([1, 1, 1, 1], [0, 0, 1, 0], 2)).toBeCloseTo(Math.log(1 / 3) - 2, 9)
    expect(recentre([1, 2], [1, 1], 1)).toBe(0) // one class says nothing of the other
    // 1/(1 + e^−(z + b)) of ±1 are .5 on average at b = 0
    expect(recentre([-1, 1], [0, 1], 1)).toBeCloseTo(0, 9)
  })
})

describe('bootstrapStatistic', () => {
  const mean = (values: readonly number[]) => (rows: Int32Array) =>
    rows.reduce((sum, i) => sum + values[i]!, 0) / rows.length

  it('has no interval of what cannot vary: one example, or one group', () => {
    const none = { low: null, high: null }
    expect(bootstrapStatistic(1, mean([3]), createRandom(1))).toEqual({ value: 3, ...none })
    expect(bootstrapStatistic(2, mean([1, 3]), createRandom(1), { groups: [7, 7] })).toEqual({ value: 2, ...none })
  })

  it('brackets the value with about two standard errors', () => {
    const random = createRandom(2)
    const values = Array.from({ length: 400 }, () => random.normal())
    const { value, low, high } = bootstrapStatistic(400, mean(values), createRandom(3))
    // standard error 1/√400 = .05
    expect(value - low!).toBeCloseTo(0.1, 1)
    expect(high! - value).toBeCloseTo(0.1, 1)
  })
  it('is wider when the examples of a group are alike', () => {
    const values = Array.from({ length: 100 }, (_, i) => i % 10)
    const groups = values.slice()
    const alone = bootstrapStatistic(100, mean(values), createRandom(1))
    const grouped = bootstrapStatistic(100, mean(values), createRandom(1), { groups })
    expect(grouped.high! - grouped.low!).toBeGreaterThan(2 * (alone.high! - alone.low!))
  })
  it('has no interval without resamples', () => {
    expect(bootstrapStatistic(3, mean([1, 2, 3]), createRandom(1), { resamples: 0 })).toEqual({
      value: 2,
      low: null,
      high: null,
    })
  })
})

const alone = (value: number) => ({ value, low: null, high: null })

describe('judgeBaselines', () => {
  it('passes only above every baseline and names the strongest', () => {
    const row = { metric: 'AUC', higherIsBetter: true, model: alone(0.7), baselines: { a: alone(0.6), b: alone(0.65) } }
    expect(judgeBaselines(row)).toMatchObject({
      passed: true,
      reason: expect.stringContaining('strongest baseline, b'),
    })
    expect(judgeBaselines({ ...row, model: alone(0.65) }).passed).toBe(false)
  })
  it('wants a smaller error where lower is better', () => {
    const row = { metric: 'RMSE', higherIsBetter: false, model: alone(1), baselines: { ridge: alone(1.1) } }
    expect(judgeBaselines(row).passed).toBe(true)
    expect(judgeBaselines({ ...row, baselines: { ridge: alone(0.9) } }).passed).toBe(false)
  })
  it('refuses a metric that cannot be measured', () => {
    const row = { metric: 'AUC', higherIsBetter: true, model: alone(Number.NaN), baselines: { a: alone(0.5) } }
    expect(judgeBaselines(row).passed).toBe(false)
  })
})

describe('judgeBesideStart', () => {
  const row = {
    metric: 'RMSE',
    higherIsBetter: false,
    model: { value: 0.5, low: 0.45, high: 0.55 },
    baselines: { ridge: alone(0.47), 'last 28 days': alone(0.6) },
  }
  it('lets a tie with its own start pass, and tells it', () => {
    const { passed, reason } = judgeBesideStart(row, 'ridge')
    expect(passed).toBe(true)
    expect(reason).toContain('beats the strongest baseline, last 28 days, with 0.6')
    expect(reason).toContain('ridge, which it starts from, has 0.47')
  })

  it('refuses what its start beats by more than chance explains, and what a rival beats at all', () => {
    const beaten = judgeBesideStart({ ...row, baselines: { ...row.baselines, ridge: alone(0.44) } }, 'ridge')
    expect(beaten.passed).toBe(false)
    expect(beaten.reason).toContain('refused')
    expect(
      judgeBesideStart({ ...row, baselines: { ...row.baselines, 'last 28 days': alone(0.499) } }, 'ridge').passed,
    ).toBe(false)
  })
})
