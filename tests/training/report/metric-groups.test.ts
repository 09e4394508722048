import { describe, expect, it } from 'vitest'
import { metricGroups } from '../../../training/report/metric-groups.ts'

const alone = { value: 1, low: null, high: null }
const row = (metric: string, ...baselines: string[]) => ({
  metric,
  higherIsBetter: true,
  model: alone,
  baselines: Object.fromEntries(baselines.map((name) => [name, alone])),
})
const grouped = (...rows: ReturnType<typeof row>[]) =>
  metricGroups(rows).map(({ baselines, rows: its }) => [baselines.join(' '), its.map(({ metric }) => metric).join(' ')])

describe('metricGroups', () => {
  it('puts metrics with the same baselines together, in their order', () => {
    expect(grouped(row('headline', 'a', 'b'), row('width', 'c'), row('second', 'b', 'a'), row('score', 'c'))).toEqual([
      ['a b', 'headline second'],
      ['c', 'width score'],
    ])
  })

  it('lets a metric that lacks a baseline join, and opens a table for one that has more', () => {
    expect(grouped(row('headline', 'a', 'b'), row('more', 'a', 'b', 'c'), row('fewer', 'b'))).toEqual([
      ['a b', 'headline fewer'],
      ['a b c', 'more'],
    ])
  })

  it('keeps metrics without baselines by themselves', () => {
    expect(grouped(row('headline'), row('held', 'a'), row('alone'))).toEqual([
      ['', 'headline alone'],
      ['a', 'held'],
    ])
  })

  it('has no tables of no metrics', () => {
    expect(metricGroups([])).toEqual([])
  })
})
