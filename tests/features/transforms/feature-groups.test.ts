import { describe, expect, it } from 'vitest'
import { featureServices } from '../../../features/definitions/index.ts'
import { draftCategoricalFields, draftNumericFields } from '../../../features/transforms/draft-features.ts'
import { featureGroup } from '../../../features/transforms/feature-groups.ts'

const draft = [...draftNumericFields, ...draftCategoricalFields]
const store = featureServices
  .filter(({ name }) => name !== 'ranking')
  .flatMap(({ fields }) => fields.map(({ field }) => field))
/** Fields that are a group by themselves and bear its name. */
const alone = ['platform', 'category', 'language', 'country', 'device']

describe('featureGroup', () => {
  it.each([
    ['draft', draft],
    ['store', store],
  ] as const)('names a group for every field of the %s', (source, fields) => {
    const undeclared = fields
      .filter(({ name }) => !alone.includes(name) && featureGroup(name, source).name === name)
      .map(({ name }) => name)
    expect(undeclared).toEqual([])
  })

  it('puts together what derives from one thing', () => {
    const posting = ['local_hour_sin', 'local_week_cos', 'local_weekend', 'local_hour', 'local_weekday'].map((name) =>
      featureGroup(name, 'draft'),
    )
    expect(new Set(posting.map(({ name }) => name))).toEqual(new Set(['posting-time']))
    expect(featureGroup('platform', 'store')).toEqual(featureGroup('platform', 'draft'))
    expect(featureGroup('mean_log_views_20', 'store').name).toBe('typical-result')
    expect(featureGroup('trend_log_views', 'store').name).toBe('trend')
  })

  it('goes by the source where names say nothing', () => {
    expect(featureGroup('views', 'early')).toEqual(featureGroup('likes', 'early'))
    expect(featureGroup('text_direction_3', 'text').name).toBe('words')
  })

  it('leaves an unknown field to itself', () => {
    expect(featureGroup('log_moon_phase', 'store')).toEqual({ name: 'log_moon_phase', label: 'log moon phase' })
  })
})
