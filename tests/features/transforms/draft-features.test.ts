import { describe, expect, it } from 'vitest'
import {
  type Draft,
  draftCategoricalFields,
  draftColumnFeatures,
  draftFeatures,
  draftNumericFields,
} from '../../../features/transforms/draft-features.ts'

const draft: Draft = {
  title: 'NEW song! Part 2 | Été 🎬?',
  description: 'See https://a.example and http://b.example',
  tags: ['pop', 'été'],
  platform: 'youtube',
  category: 'Music',
  language: 'fr',
  durationSeconds: 99,
  plannedAt: Date.parse('2026-11-21T18:30:00Z') / 1000, // a Saturday
  creatorId: 'creator-1',
  country: '',
}

const numeric = (one: Draft): Record<string, number> => {
  const { numeric: values } = draftFeatures([one])
  return Object.fromEntries(draftNumericFields.map(({ name }, i) => [name, values[i]!]))
}
const categorical = (one: Draft): Record<string, string> => {
  const { categorical: values } = draftFeatures([one])
  return Object.fromEntries(draftCategoricalFields.map(({ name }, i) => [name, values[i]![0]!]))
}

describe('draftFeatures', () => {
  it('a full draft, counts what its texts hold', () => {
    expect(numeric(draft)).toMatchObject({
      title_length: 25, // the emoji is one character
      title_words: 7,
      title_digits: 1,
      title_questions: 1,
      title_exclamations: 1,
      title_emoji: 1,
      title_has_separator: 1,
      description_links: 2,
      tag_count: 2,
      tags_length: 6,
      local_weekend: 1,
    })
    // N, E, W, P and É of the 3 + 4 + 4 + 3 letters of NEW, song, Part and Été
    expect(numeric(draft).title_upper_share).toBeCloseTo(5 / 14, 6)
    expect(numeric(draft).log_duration).toBeCloseTo(Math.log(100), 6)
  })

  it('a moment, becomes hour and weekday in UTC and points on circles', () => {
    expect(categorical(draft)).toMatchObject({
      local_hour: '18',
      local_weekday: '6',
      platform: 'youtube',
      creator_id: 'creator-1',
    })
    // 18:30 is 18.5/24 of a turn; Saturday 18:30 is (6 + 18.5/24)/7 of a week that begins on Sunday
    expect(numeric(draft).local_hour_sin).toBeCloseTo(Math.sin((18.5 / 24) * 2 * Math.PI), 5)
    expect(numeric(draft).local_week_cos).toBeCloseTo(Math.cos(((6 + 18.5 / 24) / 7) * 2 * Math.PI), 5)
  })

  it('a creator of a country with one clock, publishes by that clock, summer time included', () => {
    const inGermany = { ...draft, country: 'DE' }
    // 23:30 UTC on a Saturday in November is 00:30 on Sunday in Berlin, in July 01:30.
    const night = (day: string) => ({ ...inGermany, plannedAt: Date.parse(`${day}T23:30:00Z`) / 1000 })
    expect(categorical(night('2026-11-21'))).toMatchObject({ local_hour: '0', local_weekday: '0' })
    expect(categorical(night('2026-07-18'))).toMatchObject({ local_hour: '1', local_weekday: '0' })
    expect(numeric(night('2026-11-21')).local_hour_sin).toBeCloseTo(Math.sin((0.5 / 24) * 2 * Math.PI), 5)
    expect(categorical({ ...draft, country: 'IN' }).local_hour).toBe('0') // 18:30 and five and a half hours
  })

  it('what is left of the day, is counted in UTC as the marts count, whatever the creator’s clock', () => {
    expect(numeric({ ...draft, country: 'IN' }).utc_day_left).toBeCloseTo(5.5 / 24, 6) // 18:30
    expect(numeric({ ...draft, plannedAt: Date.parse('1969-12-31T06:00:00Z') / 1000 }).utc_day_left).toBe(0.75)
  })

  it.each(['ZZ', 'Atlantis', ''])('a creator of %j, has no clock that is known, so UTC', (country) => {
    expect(draftFeatures([{ ...draft, country }])).toEqual(draftFeatures([draft]))
  })

  it('an empty draft, has counts of 0 and an unknown duration', () => {
    const empty = { ...draft, title: '', description: '', tags: [], durationSeconds: null }
    expect(numeric(empty)).toMatchObject({
      title_length: 0,
      title_upper_share: 0,
      log_description_length: 0,
      tag_count: 0,
    })
    expect(numeric(empty).log_duration).toBeNaN()
  })

  it('a moment that is not a number, is unknown', () => {
    const timeless = { ...draft, plannedAt: Number.NaN }
    expect(categorical(timeless)).toMatchObject({ local_hour: '', local_weekday: '' })
    expect(numeric(timeless).local_hour_sin).toBeNaN()
    expect(numeric(timeless).local_weekend).toBeNaN()
  })

  it('a tag with a bar in it, stays one tag', () => {
    expect(numeric({ ...draft, tags: ['a|b'] }).tag_count).toBe(1)
  })

  it('columns of the warehouse, give the numbers of the same drafts one by one', () => {
    const second = { ...draft, title: 'plain', tags: [], durationSeconds: null, plannedAt: 0 }
    const both = draftColumnFeatures({
      rowCount: 2,
      title: [draft.title, second.title],
      description: [draft.description, second.description],
      tags: ['pop|été', ''],
      platform: ['youtube', 'youtube'],
      category: ['Music', 'Music'],
      language: ['fr', 'fr'],
      durationSeconds: Float64Array.of(99, Number.NaN),
      plannedAt: Float64Array.of(draft.plannedAt, 0),
      creatorId: ['creator-1', 'creator-1'],
      country: ['', ''],
    })
    expect(both).toEqual(draftFeatures([draft, second]))
    expect(both.numeric).toHaveLength(2 * draftNumericFields.length)
    expect(both.categorical[3]).toEqual(['18', '0'])
    expect(both.categorical[4]).toEqual(['6', '4']) // 1970-01-01 was a Thursday
  })
})
