import { decodeJson, encodeJson } from './online-meta.ts'
import { type EventType, eventTypes, type HistoryEvent } from './online-store.ts'

/** `[eventId, contentId, index into eventTypes, occurredAt]`: half the size of objects with names. */
type Compact = readonly [string, string, number, number]

/** A person's materialised history as bytes. */
export const encodeHistory = (events: readonly HistoryEvent[]): Uint8Array =>
  encodeJson(events.map((e): Compact => [e.eventId, e.contentId, eventTypes.indexOf(e.eventType), e.occurredAt]))

export const decodeHistory = (bytes: Uint8Array): readonly HistoryEvent[] =>
  (decodeJson(bytes) as Compact[]).map(([eventId, contentId, type, occurredAt]) => ({
    eventId,
    contentId,
    eventType: eventTypes[type] as EventType,
    occurredAt,
  }))
