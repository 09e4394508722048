import { describe, expect, it } from 'vitest'
import { creatorPerformance } from '../../../features/definitions/creator-performance.ts'
import { inputGroupOf, inputGroups, inputLabel } from '../../../features/definitions/input-groups.ts'
import { draftCategoricalFields, draftNumericFields } from '../../../features/transforms/draft-features.ts'

describe('inputGroupOf', () => {
  it('gives every feature of a draft to one of its fields', () => {
    const groups = [...draftNumericFields, ...draftCategoricalFields].map(({ name }) => inputGroupOf('draft', name))
    expect(new Set(groups)).toEqual(
      new Set([
        'title',
        'description',
        'tags',
        'durationSeconds',
        'plannedAt',
        'platform',
        'category',
        'language',
        'creatorId',
      ]),
    )
  })

  it('gives every feature of a creator to a theme', () => {
    for (const { name } of creatorPerformance.fields) {
      expect([name, inputGroupOf('store', name) in inputGroups]).toEqual([name, true])
    }
    expect(inputGroupOf('store', 'trend_log_views')).toBe('creator.trend')
    expect(inputGroupOf('store', 'category')).toBe('creatorId')
  })

  it('lets a feature of no group stand for itself', () => {
    expect(inputGroupOf('store', 'moon_phase')).toBe('moon_phase')
    expect(inputLabel('moon_phase')).toBe('moon phase')
    expect(inputLabel('plannedAt')).toBe('posting time')
  })
})
