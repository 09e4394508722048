import { z } from 'zod'

/** A short text that is stored: without control characters, and without lone surrogates, which UTF-8 cannot hold. */
const storedText = (longest: number, what: string) => {
  const error = `expected 1 to ${longest} characters`
  return z
    .string('expected a text')
    .min(1, error)
    .max(longest, { error, abort: true }) // a megabyte is not searched for control characters
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'expected no control characters and no lone surrogates')
    .describe(what)
}

/** An id as clients send it: slashes, emoji and quotes are as good as letters. */
export const id = (what: string) => storedText(256, what)

/** A name of a platform, as ids are but shorter. */
export const platformName = (what: string) => storedText(100, what)

/** A whole number in a query string: decimal digits and nothing else, so not `1e1`, `0x5`, `+5` or ` 1`. */
export function integerParameter(lowest: number, highest: number, fallback: number, what: string) {
  const expected = `expected an integer from ${lowest} to ${highest}`
  const integer = z.number(expected).int(expected).min(lowest, expected).max(highest, expected)
  return z
    .preprocess((text) => (typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : text), integer)
    .default(fallback)
    .describe(what)
}

/** Something that is off by default, in a query string: `true` or `false` and nothing else. */
export const flagParameter = (what: string) =>
  z
    .enum(['true', 'false'], 'expected true or false')
    .default('false')
    .transform((text) => text === 'true')
    .describe(what)

/** A whole number in a JSON body. */
export function integerField(lowest: number, highest: number, fallback: number, what: string) {
  const expected = `expected an integer from ${lowest} to ${highest}`
  return z.number(expected).int(expected).min(lowest, expected).max(highest, expected).default(fallback).describe(what)
}

/**
 * What stands in a path or after its `?`. A name that no route knows is an error on every route: a misspelt parameter would change the
 * answer silently.
 */
export const parameters = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape)

export const noParameters = parameters({})

/** A JSON body; as with parameters, a field that is not known is an error. */
export const bodyOf = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape)

const momentExpected =
  'expected seconds since 1970 (UTC, not milliseconds) or an ISO 8601 date-time with a zone, before the year 2100'
/** 2100-01-01, UTC. Every moment in milliseconds since 1970-02-18 is beyond it. */
const endOfTime = 4_102_444_800

/** A moment from 1970 to 2099: seconds since 1970, or ISO 8601 with a zone. Parsed to seconds. */
export const moment = (what: string) =>
  z
    .union([z.number(), z.iso.datetime({ offset: true })], momentExpected)
    .transform((value) => (typeof value === 'number' ? value : Date.parse(value) / 1000))
    .refine((seconds) => seconds >= 0 && seconds < endOfTime, momentExpected)
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
  title: z.string().nullable(),
  creatorId: z.string().nullable(),
  creatorName: z.string().nullable(),
  platform: z.string(),
  category: z.string().nullable(),
  publishedAt: z.iso.datetime().nullable().describe('UTC; null where it is not known'),
  score: z.number().describe('comparable within one answer only'),
}
