import type { Catalogue } from './catalogue.ts'
import { TopK } from './top-k.ts'

/** Interest halves every two days, as in the cards' own trending scores. */
const trendingHalfLifeSeconds = 2 * 86_400
/** How long a full list is served before the catalogue is scanned again, seconds. */
const listAgeSeconds = 1
const listLength = 500
/** 2^900 still is a double; a catalogue that old (five years) takes all its live events as equally recent. */
const mostHalfLives = 900

/**
 * Live events that are kept for the next catalogue (some 20 MB). What is beyond this goes on counting in this catalogue, and in the next
 * one as far as the warehouse has it by then; the oldest are the most likely to be there.
 */
const mostLive = 200_000
/** The warehouse keeps microseconds; a moment of an event may have more digits. */
const microsecond = 1e-6

interface LiveEvent {
  readonly contentId: string
  readonly occurredAt: number
  readonly receivedAt: number
}

/** Which contents trend; undefined means all. */
export interface TrendingFilter {
  readonly platform?: string | undefined
  readonly category?: string | undefined
}

/**
 * What trends now: the materialised score of each content plus the live events since, each halved every two days of age.
 *
 * Scores are kept as of the catalogue's moment t₀: score(t₀) + Σ 2^((t_event − t₀)/halfLife). Decay to now multiplies all alike,
 * so the order needs no update as time passes.
 */
export class Trending {
  readonly #catalogue: Catalogue
  readonly #scores: Float64Array
  readonly #heap = new TopK(listLength)
  /** Oldest arrival first, one by one: a new catalogue ends within an hour or a second, and counts exactly those it does not hold. */
  readonly #live = new Set<LiveEvent>()
  #list: Int32Array | undefined
  #listedAt = Number.NEGATIVE_INFINITY

  /** @param earlier the trending of the previous catalogue, whose younger live events go on counting */
  constructor(catalogue: Catalogue, earlier?: Trending) {
    this.#catalogue = catalogue
    this.#scores = Float64Array.from(catalogue.cards, (card) => card.trendingScore)
    if (earlier === undefined) return
    for (const event of earlier.#live) this.#add(event)
  }

  /**
   * Counts a positive live event, unless the catalogue's scores hold it already.
   *
   * @param occurredAt when it happened, seconds since 1970, UTC
   * @param receivedAt when the service took it: one that came late is not in scores that were computed before
   */
  add(contentId: string, occurredAt: number, receivedAt: number): void {
    this.#add({ contentId, occurredAt, receivedAt })
  }

  /** Score of a content now. */
  scoreOf(index: number, now: number): number {
    return this.#scores[index]! / this.#growth(now)
  }

  /** Catalogue indices, best first, at most 500; contents without any interest come last, newest first. */
  list(now: number, filter: TrendingFilter = {}): Int32Array {
    const filtered = filter.platform !== undefined || filter.category !== undefined
    if (!filtered && this.#list !== undefined && now - this.#listedAt < listAgeSeconds) return this.#list
    const { cards, publishedAt } = this.#catalogue
    for (let i = 0; i < cards.length; i++) {
      if (filter.platform !== undefined && cards[i]!.platform !== filter.platform) continue
      if (filter.category !== undefined && cards[i]!.category !== filter.category) continue
      // A tiny part of the date decides between contents that nobody has touched.
      this.#heap.offer(i, this.#scores[i]! + publishedAt[i]! * 1e-15)
    }
    const list = this.#heap.drain()
    if (!filtered) {
      this.#list = list
      this.#listedAt = now
    }
    return list
  }

  #add(event: LiveEvent): void {
    const { contentId, occurredAt, receivedAt } = event
    const { held, indexOf } = this.#catalogue
    if (receivedAt <= held.readAt && occurredAt <= held.until + microsecond) return
    this.#remember(event)
    const index = indexOf.get(contentId)
    if (index !== undefined) this.#scores[index]! += this.#growth(occurredAt)
  }

  #remember(event: LiveEvent): void {
    this.#live.add(event)
    if (this.#live.size <= mostLive) return
    for (const oldest of this.#live) {
      this.#live.delete(oldest)
      break
    }
  }

  #growth(at: number): number {
    return 2 ** Math.min((at - this.#catalogue.asOf) / trendingHalfLifeSeconds, mostHalfLives)
  }
}
