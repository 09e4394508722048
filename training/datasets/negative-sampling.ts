import type { Random } from '../backend/random.ts'
import { historyOf, type Interactions, type ItemIndex, type UserIndex } from './interactions.ts'

/** Draws items a user has not touched, uniformly. */
export class NegativeSampler {
  readonly #itemCount: number
  readonly #history: (user: UserIndex) => Int32Array
  /** One bit per user and item where that fits in memory. */
  readonly #seen: Uint8Array | undefined

  constructor(interactions: Interactions) {
    const { users, items } = interactions
    this.#itemCount = items.length
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

  /** An item without a positive of this user; any item when 20 draws find none (a user who has nearly everything). */
  draw(user: UserIndex, random: Random): ItemIndex {
    let item = random.int(this.#itemCount)
    for (let attempt = 0; attempt < 20 && this.#has(user, item); attempt++) item = random.int(this.#itemCount)
    return item
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
