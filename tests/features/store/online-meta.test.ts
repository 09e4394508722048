import { describe, expect, it } from 'vitest'
import { encodeJson, parseMeta } from '../../../features/store/online-meta.ts'

const before = {
  formatVersion: 1,
  version: '20261101T000000-a1b2c3',
  previous: null,
  createdAt: '2026-11-01T00:00:00.000Z',
  synthetic: false,
  views: [],
  contentBlocks: 0,
  creatorBlocks: 0,
}

describe('parseMeta', () => {
  it('of a version that does not say which events it holds, reads it all the same', () => {
    expect(parseMeta(encodeJson(before))).toEqual(before)
  })

  it('of one that says it, has both moments', () => {
    const facts = { until: 1_790_000_000.123456, readAt: 1_790_000_600 }
    expect(parseMeta(encodeJson({ ...before, facts })).facts).toEqual(facts)
  })

  it('of another form, says what to run', () => {
    expect(() => parseMeta(encodeJson({ ...before, formatVersion: 2 }))).toThrow('contentflow features materialise')
  })
})
