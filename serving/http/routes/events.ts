import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { eventTypes, type NewEvent } from '../../../features/store/online-store.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, id, moment, noParameters, platformName } from '../fields.ts'
import { type FieldError, FieldErrors, parseInput } from '../problem.ts'
import { defineRoute, type Route } from '../route.ts'

const mostEvents = 1000
const enoughErrors = 20
/** Clocks of clients run ahead, but not by more than this. */
const leewaySeconds = 3600
/** A client that was offline brings its events later; what is older than this comes by an import. */
const oldestDays = 90
const secondsWatched = 'expected seconds from 0 to 86400'
const shareExpected = 'expected a share from 0 to 1'
const valueExpected = 'expected a number from 0 to 100'

const eventBody = bodyOf({
  eventId: id(
    'unique over all events of all users; repeated posts of one id count once; without one the service makes one',
  ).optional(),
  userId: id('user id'),
  contentId: id('content id; events of a content that the warehouse does not have yet are kept until it has'),
  eventType: z.enum(eventTypes, `expected one of ${eventTypes.join(', ')}`),
  occurredAt: moment(`when it happened, within the last ${oldestDays} days; now by default`).optional(),
  platform: platformName('by default that of the content').optional(),
  watchSeconds: z.number(secondsWatched).min(0, secondsWatched).max(86_400, secondsWatched).nullish(),
  completion: z.number(shareExpected).min(0, shareExpected).max(1, shareExpected).nullish(),
  value: z
    .number(valueExpected)
    .min(0, valueExpected)
    .max(100, valueExpected)
    .nullish()
    .describe('e.g. the stars of a rating'),
})
type EventBody = z.infer<typeof eventBody>

interface Posted {
  readonly events: readonly EventBody[]
  /** Name of a field of the event at a place, as the client sent it. */
  readonly fieldOf: (place: number, field: string) => string
}

const countExpected = `expected 1 to ${mostEvents} events`
const batchOf = <E extends z.ZodType>(event: E) =>
  bodyOf({ events: z.array(event, 'expected a list of events').min(1, countExpected).max(mostEvents, countExpected) })
/** What the documentation shows; `parseEvents` looks at the events one by one. */
const batchBody = batchOf(eventBody)
const looseBatch = batchOf(z.unknown())

export const eventsRoute = ({ intake, live, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/events',
    operationId: 'postEvents',
    tag: 'Events',
    summary: 'Tell what a user did: one event, or up to 1000 in `events`',
    description:
      'On the disk before it is acknowledged, and considered by the next recommendation. What shows that a content was liked counts towards trending: a like, comment, share or save, a rating of 4 or more, a view with a completion of 0.7 or more; a moment in the future is taken as now. Events of a user who did not agree to personalisation count towards trending, too, and are not kept as a history. An `eventId` is unique over all events: one that another user’s event has is refused as long as the service remembers it (the latest 100000), and by the import into the warehouse after that. 202 says that the events are safe but the online store is away, so that they are considered later, also after a restart.',
    params: noParameters,
    query: noParameters,
    body: { schema: z.union([eventBody, batchBody]), parse: (body) => parseEvents(body, clock()) },
    answer: z.object({
      received: z.number().int(),
      accepted: z.number().int().describe('events that were new'),
      duplicates: z.number().int(),
      visible: z.boolean().describe('whether the next recommendation considers them'),
      eventIds: z.array(z.string()),
      model: z.null(),
      fallback: z.null(),
    }),
    statuses: { 202: 'safe, but not considered yet' },
    example: { body: { eventId: 'example-1', userId: 'user-1', contentId: 'content-2', eventType: 'like' } },
    async handle({ body }) {
      const { catalogue } = live.view
      const now = clock()
      const events = body.events.map((event): NewEvent => {
        const known = catalogue.indexOf.get(event.contentId)
        return {
          eventId: event.eventId ?? randomUUID(),
          userId: event.userId,
          contentId: event.contentId,
          eventType: event.eventType,
          // A clock that runs ahead: what is told has happened. The warehouse must not end after what it was told.
          occurredAt: Math.min(event.occurredAt ?? now, now),
          platform: event.platform ?? (known === undefined ? '' : catalogue.cards[known]!.platform),
          watchSeconds: event.watchSeconds ?? null,
          completion: event.completion ?? null,
          value: event.value ?? null,
        }
      })
      const foreign = intake.conflicts(events)
      if (foreign.length > 0) {
        const message =
          'expected an id of its own, got that of an event of another user; repeat an event only as it was'
        throw new FieldErrors(foreign.map((place) => ({ field: body.fieldOf(place, 'eventId'), message })))
      }
      const { accepted, duplicates, visible } = await intake.accept(events)
      const eventIds = events.map((event) => event.eventId)
      return {
        status: visible ? 200 : 202,
        body: { received: events.length, accepted, duplicates, visible, eventIds, model: null, fallback: null },
      }
    },
  })

/**
 * One event or a batch; errors name the event's place in the batch. Nothing is searched for beyond the first few wrong events.
 *
 * @param now seconds since 1970, UTC
 * @throws FieldErrors
 */
function parseEvents(body: unknown, now: number): Posted {
  const batch = typeof body === 'object' && body !== null && 'events' in body
  if (!batch) return { events: [parseEvent(body, now)], fieldOf: (_, field) => field }
  const fieldOf = (place: number, field: string): string => `events.${place}.${field}`
  const wrong: FieldError[] = []
  const events: EventBody[] = []
  for (const [place, given] of parseInput(looseBatch, body).events.entries()) {
    try {
      events.push(parseEvent(given, now))
    } catch (error) {
      if (!(error instanceof FieldErrors)) throw error
      for (const { field, message } of error.errors) {
        wrong.push({ field: field === 'body' ? `events.${place}` : fieldOf(place, field), message })
      }
      if (wrong.length >= enoughErrors) break
    }
  }
  if (wrong.length > 0) throw new FieldErrors(wrong)
  return { events, fieldOf }
}

/** @throws FieldErrors */
function parseEvent(given: unknown, now: number): EventBody {
  const event = parseInput(eventBody, given)
  const { occurredAt = now } = event
  if (occurredAt <= now + leewaySeconds && occurredAt >= now - oldestDays * 86_400) return event
  const message = `expected a moment of the last ${oldestDays} days and not in the future, in seconds (not milliseconds) or ISO 8601, got ${new Date(occurredAt * 1000).toISOString()}`
  throw new FieldErrors([{ field: 'occurredAt', message }])
}
