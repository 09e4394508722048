import type { Catalogue } from './catalogue.ts'
import { TopK } from './top-k.ts'

/** Interest halves every two days, as in the cards' own trending scores. */
const trendingHalfLifeSeconds = 2 * 86_400
const bucketSeconds = 3600
/** How long a full list is served before the catalogue is scanned again, seconds. */
const listAgeSeconds = 1
const listLength = 500
/** 2^900 still is a double; a catalogue that old (five years) takes all its live events as equally recent. */
const mostHalfLives = 900

/**
 * Counts by content and hour that are kept for the next catalogue; ids come from clients, so there is no end to them. What is beyond this
 * goes on counting in this catalogue, and in the next one as far as the warehouse has it by then.
 */
const mostLive = 100_000

interface LiveCount {
  readonly contentId: string
  readonly hour: number
  count: number
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
  /** Live events by content and hour, oldest arrival first, so that a new catalogue can count those it does not hold yet. */
  readonly #live = new Map<string, LiveCount>()
  #list: Int32Array | undefined
  #listedAt = Number.NEGATIVE_INFINITY

  /** @param earlier the trending of the previous catalogue, whose younger live events go on counting */
  constructor(catalogue: Catalogue, earlier?: Trending) {
    this.#catalogue = catalogue
    this.#scores = Float64Array.from(catalogue.cards, (card) => card.trendingScore)
    if (earlier === undefined) return
    for (const { contentId, hour, count } of earlier.#live.values()) this.add(contentId, hour * bucketSeconds, count)
  }

  /** Counts live events of a content; those before the catalogue's moment are in its score already. */
  add(contentId: string, occurredAt: number, count = 1): void {
    const hour = Math.floor(occurredAt / bucketSeconds)
    if ((hour + 1) * bucketSeconds <= this.#catalogue.asOf) return
    this.#remember(contentId, hour, count)
    const index = this.#catalogue.indexOf.get(contentId)
    if (index === undefined) return
    this.#scores[index]! += count * this.#growth(occurredAt)
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

  #remember(contentId: string, hour: number, count: number): void {
    const key = `${hour}\t${contentId}`
    const known = this.#live.get(key)
    if (known !== undefined) {
      known.count += count
      return
    }
    this.#live.set(key, { contentId, hour, count })
    if (this.#live.size <= mostLive) return
    for (const oldest of this.#live.keys()) {
      this.#live.delete(oldest)
      break
    }
  }

  #growth(at: number): number {
    return 2 ** Math.min((at - this.#catalogue.asOf) / trendingHalfLifeSeconds, mostHalfLives)
  }
}
