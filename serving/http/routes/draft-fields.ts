import { z } from 'zod'
import type { DraftWorld } from '../../predict/draft.ts'
import type { ServiceContext } from '../context.ts'
import { id, moment } from '../fields.ts'

/** Thirty days: beyond any video, and beyond what a model has seen. */
export const longestSeconds = 30 * 86_400
const secondsExpected = `expected seconds from 0 to ${longestSeconds}`

const text = (longest: number, what: string) =>
  z.string('expected a text').max(longest, `expected at most ${longest} characters`).describe(what)

/** A draft in a request body. */
const draftFields = {
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

/** More than there are people. */
const mostCounted = 1e10
const countExpected = `expected a whole number from 0 to ${mostCounted}`
/**
 * One count is not held against another: the marts do not, and on real platforms the likes of the first hours may be more than the views,
 * which are verified and counted later.
 */
const count = z.number(countExpected).int(countExpected).min(0, countExpected).max(mostCounted, countExpected)

/** Refuses what a record would leave out without a word; other names that are unknown are refused by `requireEarlyFields`. */
function refuseProto(counts: unknown, context: z.RefinementCtx): unknown {
  if (typeof counts === 'object' && counts !== null && Object.hasOwn(counts, '__proto__')) {
    context.addIssue({ code: 'unrecognized_keys', keys: ['__proto__'] })
  }
  return counts
}

/** A draft, or a published content with its first counts. */
export const draftWithEarlyFields = {
  ...draftFields,
  early: z
    .preprocess(refuseProto, z.record(z.string().max(100), count))
    .optional()
    .describe(
      'counts until the end of the day after publication, by the model’s names, which the answer lists in `earlyFields`; those that are missing count as unknown',
    ),
}

/** A cent: of less, a return is no number that anyone could use. */
const leastCostUsd = 0.01
const costExpected = `expected US dollars from ${leastCostUsd} to 1e9`

/** A draft, and what it costs to make. */
export const draftWithCostFields = {
  ...draftFields,
  costUsd: z
    .number(costExpected)
    .min(leastCostUsd, costExpected)
    .max(1e9, costExpected)
    .optional()
    .describe('what it costs to make, for the return on investment'),
}

/** Something that is off by default. */
export const flag = (what: string) => z.boolean('expected true or false').default(false).describe(what)

export const explainFlag = flag('say what drives the prediction; takes some hundredths of a second more')

/** The sample world's first creator with a plain draft. */
export const exampleDraft = {
  creatorId: 'creator-1',
  title: 'Ten minutes that will change how you cook',
  durationSeconds: 600,
  plannedAt: '2026-11-02T18:00:00Z',
}

/** What is known now of those who publish. */
export const draftWorld = ({ live, clock }: ServiceContext): DraftWorld => ({
  creatorsById: live.view.catalogue.creatorsById,
  now: clock(),
})
