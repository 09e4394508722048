import { type Fallback, fallback } from '../recommend/fallback.ts'
import { platformKey } from '../runtime/load-payload.ts'
import type { LoadedModel, Payloads } from '../runtime/loaded-model.ts'

const hoursPerWeek = 168
const hourSeconds = 3600
/** 1970-01-05 was the first Monday. */
const firstMonday = 4 * 86_400

/** One hour of the next seven days. */
interface PostingSlot {
  /** Start of the hour, ISO 8601, UTC. */
  readonly startsAt: string
  /** The same moment on the clock of the time zone asked for, e.g. `2026-11-23T19:00`. */
  readonly local: string
  /** 0 = Monday, in the time zone asked for. */
  readonly weekday: number
  readonly hour: number
  /** Expected engagement ÷ the creator's own mean. */
  readonly lift: number
  /** 80 % interval. */
  readonly lower: number
  readonly upper: number
}

export interface PostingTimes {
  /** Best first. */
  readonly slots: readonly PostingSlot[]
  /** What carries most weight in the estimate. */
  readonly basis: Payloads['posting-time']['creators'][number]['basis']
  /** Contents with a known outcome that the estimate rests on. */
  readonly posts: number
  readonly fallback: Fallback | null
}

/**
 * The best hours of the next seven days for a creator to publish.
 *
 * @param platform undefined: the platform where the creator posts most
 * @param timeZone a name that `isTimeZone` accepts; slots start with hours of UTC, so in a zone with half hours at :30
 * @param now      seconds since 1970, UTC; the first slot is the next full hour
 */
export async function postingTimes(
  model: LoadedModel<'posting-time'>,
  question: {
    readonly creatorId: string
    readonly platform: string | undefined
    readonly timeZone: string
    readonly limit: number
  },
  now: number,
): Promise<PostingTimes> {
  const { creators, rowOf } = model.payload
  const { creatorId, platform } = question
  const row = rowOf.get(platform === undefined ? creatorId : platformKey(creatorId, platform)) ?? 0
  const { lift, lower, upper } = await model.scorer.score({
    creator: { shape: [1], data: Int32Array.of(row) },
  })
  const clock = localClock(question.timeZone)
  const firstHour = Math.floor(now / hourSeconds) + 1
  const slots = Array.from({ length: hoursPerWeek }, (_, ahead) => {
    const startsAt = (firstHour + ahead) * hourSeconds
    const column = hourOfWeek(startsAt)
    return {
      startsAt: new Date(startsAt * 1000).toISOString(),
      ...clock(startsAt),
      lift: lift!.data[column]!,
      lower: lower!.data[column]!,
      upper: upper!.data[column]!,
    }
  })
  slots.sort((a, b) => b.lift - a.lift)
  const { basis, posts } = creators[row]!
  return {
    slots: slots.slice(0, question.limit),
    basis,
    posts,
    fallback: row === 0 ? fallback('unknown-creator') : null,
  }
}

/** Column of the network: 24·weekday + hour, Monday 00:00 UTC first. */
const hourOfWeek = (seconds: number): number =>
  ((Math.floor((seconds - firstMonday) / hourSeconds) % hoursPerWeek) + hoursPerWeek) % hoursPerWeek

/** Whether `Intl` knows a time zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** Wall-clock time in a zone. */
function localClock(timeZone: string): (seconds: number) => Pick<PostingSlot, 'local' | 'weekday' | 'hour'> {
  // `sv-SE` writes ISO order.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return (seconds) => {
    const local = format.format(seconds * 1000).replace(' ', 'T')
    const weekday = (new Date(`${local}:00Z`).getUTCDay() + 6) % 7
    return { local, weekday, hour: Number(local.slice(11, 13)) }
  }
}
