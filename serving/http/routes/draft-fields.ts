import { z } from 'zod'
import { id, moment } from '../fields.ts'

/** Thirty days: beyond any video, and beyond what a model has seen. */
const longestSeconds = 30 * 86_400
const secondsExpected = `expected seconds from 0 to ${longestSeconds}`

const text = (longest: number, what: string) =>
  z.string('expected a text').max(longest, `expected at most ${longest} characters`).describe(what)

/** A draft in a request body. */
export const draftFields = {
  creatorId: id('who publishes it'),
  title: text(500, 'title'),
  description: text(20_000, 'description').optional(),
  tags: z.array(text(200, 'a tag')).max(100, 'expected at most 100 tags').optional(),
  platform: text(100, 'where; the creator’s own platform by default').optional(),
  category: text(200, 'the creator’s own category by default').optional(),
  language: text(50, 'e.g. en').optional(),
  durationSeconds: z.number(secondsExpected).min(0, secondsExpected).max(longestSeconds, secondsExpected).optional(),
  plannedAt: moment('when it is, or was, published; now by default').optional(),
}

/** The sample world's first creator with a plain draft. */
export const exampleDraft = {
  creatorId: 'creator-1',
  title: 'Ten minutes that will change how you cook',
  durationSeconds: 600,
  plannedAt: '2026-11-02T18:00:00Z',
}
