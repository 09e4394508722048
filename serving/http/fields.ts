import { z } from 'zod'

/** A short text that is stored: without control characters, and without lone surrogates, which UTF-8 cannot hold. */
const storedText = (longest: number, what: string) => {
  const expected = `expected 1 to ${longest} characters`
  return z
    .string('expected a text')
    .min(1, expected)
    .max(longest, expected)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'expected no control characters and no lone surrogates')
    .describe(what)
}

/** An id as clients send it: slashes, emoji and quotes are as good as letters. */
export const id = (what: string) => storedText(256, what)

/** A name of a platform, as ids are but shorter. */
export const platformName = (what: string) => storedText(100, what)

/** A whole number in a query string. */
export function integerParameter(lowest: number, highest: number, fallback: number, what: string) {
  const expected = `expected an integer from ${lowest} to ${highest}`
  return z.coerce
    .number(expected)
    .int(expected)
    .min(lowest, expected)
    .max(highest, expected)
    .default(fallback)
    .describe(what)
}

/** A whole number in a JSON body. */
export function integerField(lowest: number, highest: number, fallback: number, what: string) {
  const expected = `expected an integer from ${lowest} to ${highest}`
  return z.number(expected).int(expected).min(lowest, expected).max(highest, expected).default(fallback).describe(what)
}

export const noParameters = z.strictObject({})

const secondsExpected = 'expected seconds since 1970 (UTC) or an ISO 8601 date-time with a zone'

/** A moment: seconds since 1970, or ISO 8601 with a zone. Parsed to seconds. */
export const moment = (what: string) =>
  z
    .union(
      [z.number().min(0), z.iso.datetime({ offset: true }).refine((text) => !(Date.parse(text) < 0), secondsExpected)],
      secondsExpected,
    )
    .transform((value) => (typeof value === 'number' ? value : Date.parse(value) / 1000))
    .describe(what)

// What answers are made of.

export const modelField = z
  .object({ name: z.string(), version: z.number().int() })
  .describe('the model that made the answer')
  .meta({ id: 'Model' })

export const fallbackField = z
  .object({ reason: z.string(), detail: z.string() })
  .describe('why the answer is not what was asked for')
  .meta({ id: 'Fallback' })

/** What every answer under /v1 carries. */
export const envelope = z.object({
  synthetic: z.boolean().describe('true when the data is from the sample generator'),
  generatedAt: z.iso.datetime(),
  requestId: z.string(),
})

export const contentFields = {
  contentId: z.string(),
  title: z.string(),
  creatorId: z.string(),
  creatorName: z.string(),
  platform: z.string(),
  category: z.string(),
  publishedAt: z.iso.datetime().describe('UTC'),
  score: z.number().describe('comparable within one answer only'),
}
