import { describe, expect, it } from 'vitest'
import { creatorPerformance } from '../../../features/definitions/creator-performance.ts'
import { draftCategoricalFields, draftNumericFields } from '../../../features/transforms/draft-features.ts'
import { inputGroupOf, inputLabel } from '../../../features/transforms/input-groups.ts'

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
    const themes = creatorPerformance.fields.map(({ name }) => inputGroupOf('store', name))
    expect(new Set(themes)).toEqual(
      new Set(['typical-result', 'reaction-rates', 'trend', 'posting-frequency', 'tenure', 'audience', 'creatorId']),
    )
    expect(inputLabel('typical-result')).toBe('creator’s typical result')
    expect(inputGroupOf('store', 'trend_log_views')).toBe('trend')
    expect(inputGroupOf('store', 'category')).toBe('creatorId')
  })

  it('lets a feature of no group stand for itself', () => {
    expect(inputGroupOf('store', 'moon_phase')).toBe('moon_phase')
    expect(inputLabel('moon_phase')).toBe('moon phase')
    expect(inputLabel('plannedAt')).toBe('posting time')
  })
})
