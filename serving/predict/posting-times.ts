import { hourOfWeek, hoursPerWeek, utcOffset } from '../../features/transforms/local-clock.ts'
import { type Fallback, fallback } from '../recommend/fallback.ts'
import { platformKey } from '../runtime/load-payload.ts'
import type { LoadedModel, Payloads } from '../runtime/loaded-model.ts'
import { basisText } from './posting-basis.ts'

const hourSeconds = 3600

/** One hour of the next seven days. */
interface PostingSlot {
  /** Start of the hour, ISO 8601, UTC. */
  readonly startsAt: string
  /** The same moment on the clock of the time zone asked for, e.g. `2026-11-23T19:00`. */
  readonly local: string
  /** How far that clock is ahead of UTC then, e.g. `+01:00`: of an hour that comes twice, it tells the two apart. */
  readonly utcOffset: string
  /** 0 = Monday, in the time zone asked for. */
  readonly weekday: number
  readonly hour: number
  /** Expected engagement ÷ the creator's own mean. */
  readonly lift: number
  /** 80 % interval. */
  readonly lower: number
  readonly upper: number
}

export interface PostingQuestion {
  readonly creatorId: string
  /** undefined: the platform where the creator posts most */
  readonly platform: string | undefined
  /** A name that `isTimeZone` accepts; undefined: the creator's own, or UTC where that is not known. */
  readonly timeZone: string | undefined
  /** The seven days begin with the next full hour after it; seconds since 1970, UTC. */
  readonly from: number
  readonly limit: number
  /** Fewest hours between two slots, and between a slot and a moment of `avoid`. */
  readonly spacingHours: number
  /** The creator's own posts, planned or just published; seconds since 1970, UTC. */
  readonly avoid: readonly number[]
}

export interface PostingTimes {
  /** Best first; of equal ones, the earlier. */
  readonly slots: readonly PostingSlot[]
  readonly platform: string | null
  readonly timeZone: string
  /** What carries most weight in the estimate. */
  readonly basis: Payloads['posting-time']['creators'][number]['basis']
  /** The same in words, which say plainly when the creator has too few posts. */
  readonly basisText: string
  /** Contents with a known outcome that the estimate rests on. */
  readonly posts: number
  readonly fallback: Fallback | null
}

/**
 * The best hours of seven days for a creator to publish, apart from each other and from the creator's own posts.
 *
 * Hours are full hours on the clock on which the model knows the creator's week, so that an evening stays one when clocks change: the hour
 * that is left out in spring is never a slot, the one that comes twice in autumn is two.
 */
export async function postingTimes(
  model: LoadedModel<'posting-time'>,
  question: PostingQuestion,
): Promise<PostingTimes> {
  const { creators } = model.payload
  const row = rowOf(model, question)
  const creator = creators[row]!
  const { lift, lower, upper } = await model.scorer.score({ creator: { shape: [1], data: Int32Array.of(row) } })
  const timeZone = question.timeZone ?? creator.timeZone
  const clock = utcOffset(creator.timeZone)
  const shown = utcOffset(timeZone)
  const ranked = hoursAhead(question.from, clock)
    .map((startsAt) => ({ startsAt, column: hourOfWeek(startsAt + clock(startsAt)) }))
    .sort((a, b) => lift!.data[b.column]! - lift!.data[a.column]! || a.startsAt - b.startsAt)
  return {
    slots: spread(ranked, question).map(({ startsAt, column }) => ({
      startsAt: new Date(startsAt * 1000).toISOString(),
      ...onClock(startsAt, shown(startsAt)),
      lift: lift!.data[column]!,
      lower: lower!.data[column]!,
      upper: upper!.data[column]!,
    })),
    platform: row === 0 ? (question.platform ?? null) : creator.platform,
    timeZone,
    basis: creator.basis,
    basisText: basisText(creator, row > 0),
    posts: creator.posts,
    fallback: row === 0 ? fallback('unknown-creator') : null,
  }
}

/** Row of the network; 0 = everyone, for a creator that the model does not know there. */
function rowOf({ payload }: LoadedModel<'posting-time'>, { creatorId, platform }: PostingQuestion): number {
  return payload.rowOf.get(platform === undefined ? creatorId : platformKey(creatorId, platform)) ?? 0
}

/** The starts of 168 hours from the next full one on a clock, seconds since 1970, UTC. */
function hoursAhead(from: number, clock: (seconds: number) => number): number[] {
  const offset = clock(from)
  const first = (Math.floor((from + offset) / hourSeconds) + 1) * hourSeconds - offset
  return Array.from({ length: hoursPerWeek }, (_, ahead) => first + ahead * hourSeconds)
}

/** The first of a list that keep their distance from each other and from what is to be avoided. */
function spread<T extends { readonly startsAt: number }>(
  ranked: readonly T[],
  { limit, spacingHours, avoid }: PostingQuestion,
): T[] {
  const taken: T[] = []
  const near = (a: number, b: number): boolean => Math.abs(a - b) < spacingHours * hourSeconds
  for (const slot of ranked) {
    if (taken.length === limit) break
    if (avoid.some((moment) => near(moment, slot.startsAt))) continue
    if (!taken.some(({ startsAt }) => near(startsAt, slot.startsAt))) taken.push(slot)
  }
  return taken
}

/** A moment on a clock that is so many seconds ahead of UTC. */
function onClock(seconds: number, offset: number): Pick<PostingSlot, 'local' | 'utcOffset' | 'weekday' | 'hour'> {
  const local = new Date((seconds + offset) * 1000)
  const ahead = new Date(Math.abs(offset) * 1000).toISOString().slice(11, 16)
  return {
    local: local.toISOString().slice(0, 16),
    utcOffset: `${offset < 0 ? '-' : '+'}${ahead}`,
    weekday: (local.getUTCDay() + 6) % 7,
    hour: local.getUTCHours(),
  }
}
