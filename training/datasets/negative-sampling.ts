import { countUpTo } from '../../features/transforms/count-up-to.ts'
import type { Random } from '../backend/random.ts'
import { historyOf, type Interactions, type ItemIndex, type UserIndex } from './interactions.ts'

/** Draws items a user has not touched, uniformly. */
export class NegativeSampler {
  readonly #itemCount: number
  /** Items in the order in which they may be drawn; undefined where all may always be. */
  readonly #catalogue: Catalogue | undefined
  readonly #history: (user: UserIndex) => Int32Array
  /** One bit per user and item where that fits in memory. */
  readonly #seen: Uint8Array | undefined

  /** @param timeAware whether a negative must have been seen by someone when its positive happened */
  constructor(interactions: Interactions, { timeAware }: { readonly timeAware: boolean }) {
    const { users, items } = interactions
    this.#itemCount = items.length
    this.#catalogue = timeAware ? growingCatalogue(interactions) : undefined
    const sorted = users.map((_, user) => historyOf(interactions, user).slice().sort())
    this.#history = (user) => sorted[user]!
    if (users.length * items.length <= 1 << 30) {
      this.#seen = new Uint8Array(Math.ceil((users.length * items.length) / 8))
      for (const [user, history] of sorted.entries()) {
        for (const item of history) {
          const bit = user * items.length + item
          this.#seen[bit >>> 3]! |= 1 << (bit & 7)
        }
      }
    }
  }

  /**
   * An item without a positive of this user; any item when 20 draws find none (a user who has nearly everything).
   *
   * @param at index of the interaction that it is a negative of
   */
  draw(user: UserIndex, at: number, random: Random): ItemIndex {
    let item = this.#any(at, random)
    for (let attempt = 0; attempt < 20 && this.#has(user, item); attempt++) item = this.#any(at, random)
    return item
  }

  #any(at: number, random: Random): ItemIndex {
    if (this.#catalogue === undefined) return random.int(this.#itemCount)
    return this.#catalogue.items[random.int(this.#catalogue.sizes[at]!)]!
  }

  #has(user: UserIndex, item: ItemIndex): boolean {
    if (this.#seen !== undefined) {
      const bit = user * this.#itemCount + item
      return (this.#seen[bit >>> 3]! & (1 << (bit & 7))) !== 0
    }
    const history = this.#history(user)
    let low = 0
    let high = history.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (history[middle]! < item) low = middle + 1
      else high = middle
    }
    return history[low] === item
  }
}

interface Catalogue {
  /** `[items]`, in the order of first appearance. */
  readonly items: Int32Array
  /** `[interactions]`: how many of `items` had appeared when it happened, itself included; at least 1. */
  readonly sizes: Int32Array
}

/**
 * Which items were there when. An item that did not exist yet was not refused, and a model that learns so thinks little of whatever is new.
 *
 * Items without any interaction count as always there: nothing else would tell the model that nobody wants them.
 */
function growingCatalogue({ items, itemIndices, times }: Interactions): Catalogue {
  const firstSeen = new Float64Array(items.length).fill(Number.POSITIVE_INFINITY)
  for (const [i, item] of itemIndices.entries()) firstSeen[item] = Math.min(firstSeen[item]!, times[i]!)
  for (const [item, time] of firstSeen.entries()) if (time === Number.POSITIVE_INFINITY) firstSeen[item] = -time
  const byTime = Int32Array.from(items, (_, item) => item).sort((a, b) =>
    firstSeen[a]! === firstSeen[b]! ? a - b : firstSeen[a]! - firstSeen[b]!,
  )
  const sorted = Float64Array.from(byTime, (item) => firstSeen[item]!)
  return { items: byTime, sizes: Int32Array.from(times, (time) => countUpTo(sorted, time)) }
}
