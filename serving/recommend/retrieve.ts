import type { EventType, HistoryEvent } from '../../features/store/online-store.ts'
import type { LoadedModel, NeighbourLists } from '../runtime/loaded-model.ts'
import { alignmentOf } from './alignment.ts'
import type { Catalogue } from './catalogue.ts'
import { TopK } from './top-k.ts'
import type { Trending } from './trending.ts'

/** Why a content became a candidate; the order is that of `Candidates.source`. */
export const candidateSources = ['next', 'similar', 'popular', 'trending', 'fresh'] as const
export type CandidateSource = (typeof candidateSources)[number]

/** Contents worth ranking for one user, in no particular order. */
export interface Candidates {
  /** Catalogue indices. */
  readonly items: Int32Array
  /** Sum of the evidence, ≥ 0. */
  readonly scores: Float32Array
  /** Index into `candidateSources`: the strongest evidence. */
  readonly source: Uint8Array
  /** Position in `history` of the event behind it, or −1. */
  readonly because: Int32Array
}

const mostCandidates = 500
/** Popular contents fill the list up to here: fewer leave the ranker too little choice for users with a short history. */
const wantedCandidates = 300
/** Latest events that neighbours are looked up for. */
const eventsUsed = 50
/** What comes next depends on the very last events, what goes together on a longer stretch: weight halves every so many events. */
const nextHalfLife = 5
const similarHalfLife = 15
/**
 * What goes together, where what follows counts 1: the best on ml-100k's validation items and on the sample world's
 * (benchmarks/serving/blend.ts).
 */
const defaultSimilarWeight = 0.1
/** Evidence that is not about this user stays below that of a neighbour, which is 0.1 to 1 at best. */
const popularWeight = 0.02
const trendingWeight = 0.02
const freshWeight = 0.01
const trendingCandidates = 50

const eventWeights: Readonly<Record<EventType, number>> = {
  view: 1,
  like: 1.5,
  comment: 1.5,
  share: 2,
  save: 2,
  rating: 1,
  skip: 0,
}

/** Finds candidates in one catalogue; its working memory is reused, so it serves one call at a time (it never awaits). */
export class Retriever {
  readonly #catalogue: Catalogue
  readonly #similarWeight: number
  readonly #scores: Float32Array
  readonly #best: Float32Array
  readonly #source: Uint8Array
  readonly #because: Int32Array
  /** A slot is valid when its stamp is this call's; −stamp marks what the user has seen. */
  readonly #stamps: Int32Array
  readonly #touched: Int32Array
  readonly #heap = new TopK(mostCandidates)
  #touchedCount = 0
  #stamp = 0

  /** @param similarWeight weight of what goes together, ≥ 0, where what follows counts 1 */
  constructor(catalogue: Catalogue, similarWeight = defaultSimilarWeight) {
    const size = catalogue.cards.length
    this.#catalogue = catalogue
    this.#similarWeight = similarWeight
    this.#scores = new Float32Array(size)
    this.#best = new Float32Array(size)
    this.#source = new Uint8Array(size)
    this.#because = new Int32Array(size)
    this.#stamps = new Int32Array(size)
    this.#touched = new Int32Array(size)
  }

  /**
   * Neighbours of the user's latest events (what follows, what goes together), then what trends, what is new, what is popular.
   * Nothing that the user has seen is among them.
   *
   * @param history oldest first; ids unknown to model or catalogue are passed over
   * @param model undefined: only what needs no model
   * @returns at most 500 candidates
   */
  retrieve(
    history: readonly HistoryEvent[],
    model: LoadedModel<'recommender'> | undefined,
    trending: Trending,
    now: number,
  ): Candidates {
    this.#start(history)
    if (model !== undefined) this.#addNeighbours(history, model)
    this.#addList(trending.list(now).subarray(0, trendingCandidates), 'trending', trendingWeight)
    this.#addList(this.#catalogue.newest, 'fresh', freshWeight)
    if (model !== undefined) this.#addPopular(model)
    else this.#addList(trending.list(now), 'trending', trendingWeight)
    return this.#collect()
  }

  #start(history: readonly HistoryEvent[]): void {
    this.#stamp++
    this.#touchedCount = 0
    for (const event of history) {
      const index = this.#catalogue.indexOf.get(event.contentId)
      if (index !== undefined) this.#stamps[index] = -this.#stamp
    }
  }

  #addNeighbours(history: readonly HistoryEvent[], model: LoadedModel<'recommender'>): void {
    const { itemIndex, next, similar } = model.payload
    const { toCatalogue } = alignmentOf(model, this.#catalogue)
    const first = Math.max(0, history.length - eventsUsed)
    for (let position = history.length - 1; position >= first; position--) {
      const event = history[position]!
      const item = itemIndex.get(event.contentId)
      const weight = eventWeights[event.eventType]
      if (item === undefined || weight === 0) continue
      const age = history.length - 1 - position
      this.#addRow(next, item, toCatalogue, weight * 2 ** (-age / nextHalfLife), 0, position)
      this.#addRow(
        similar,
        item,
        toCatalogue,
        this.#similarWeight * weight * 2 ** (-age / similarHalfLife),
        1,
        position,
      )
    }
  }

  #addRow(
    lists: NeighbourLists,
    item: number,
    toCatalogue: Int32Array,
    weight: number,
    source: number,
    position: number,
  ): void {
    const from = item * lists.k
    // Lists differ in scale: the best neighbour of each counts as 1.
    const top = lists.scores[from] ?? 0
    if (!(top > 0)) return
    for (let slot = from; slot < from + lists.k; slot++) {
      const neighbour = lists.items[slot]!
      if (neighbour < 0) return
      const index = toCatalogue[neighbour]!
      if (index >= 0) this.#add(index, (weight * lists.scores[slot]!) / top, source, position)
    }
  }

  #addList(list: Int32Array, source: CandidateSource, weight: number): void {
    const code = candidateSources.indexOf(source)
    for (let rank = 0; rank < list.length; rank++) this.#add(list[rank]!, weight / (1 + rank / 10), code, -1)
  }

  #addPopular(model: LoadedModel<'recommender'>): void {
    const { popularItems, popularScores } = model.payload
    const { toCatalogue } = alignmentOf(model, this.#catalogue)
    const top = popularScores[0] ?? 0
    const scale = top > 0 ? popularWeight / top : 0
    for (let rank = 0; rank < popularItems.length && this.#touchedCount < wantedCandidates; rank++) {
      const index = toCatalogue[popularItems[rank]!]!
      if (index >= 0) this.#add(index, scale * popularScores[rank]!, 2, -1)
    }
  }

  #add(index: number, score: number, source: number, position: number): void {
    const stamp = this.#stamps[index]!
    if (stamp === -this.#stamp || !(score >= 0)) return
    if (stamp !== this.#stamp) {
      this.#stamps[index] = this.#stamp
      this.#touched[this.#touchedCount++] = index
      this.#scores[index] = 0
      this.#best[index] = -1
    }
    this.#scores[index]! += score
    if (score <= this.#best[index]!) return
    this.#best[index] = score
    this.#source[index] = source
    this.#because[index] = position
  }

  #collect(): Candidates {
    let items: Int32Array
    if (this.#touchedCount <= mostCandidates) items = this.#touched.slice(0, this.#touchedCount)
    else {
      for (let i = 0; i < this.#touchedCount; i++) {
        const index = this.#touched[i]!
        this.#heap.offer(index, this.#scores[index]!)
      }
      items = this.#heap.drain()
    }
    // Loops: `TypedArray.from` with a function is ten times slower, and this is the hot path.
    const n = items.length
    const scores = new Float32Array(n)
    const source = new Uint8Array(n)
    const because = new Int32Array(n)
    for (let i = 0; i < n; i++) {
      const index = items[i]!
      scores[i] = this.#scores[index]!
      source[i] = this.#source[index]!
      because[i] = this.#because[index]!
    }
    return { items, scores, source, because }
  }
}
