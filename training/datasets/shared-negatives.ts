import type { Random } from '../backend/random.ts'
import { firstAbove } from './first-above.ts'

/**
 * Draws items that serve as negatives of a whole batch, with a probability that grows as the root of how often each occurs: popular items
 * are the hard ones, and rare ones still come up. Items that never occur are never drawn.
 */
export class SharedNegatives {
  /** `[items]`: sum of the probabilities up to and with each item. */
  readonly #cumulative: Float64Array
  readonly #probabilities: Float64Array

  /** @param counts `[items]`: occurrences; at least one above 0 */
  constructor(counts: ArrayLike<number>) {
    const roots = Float64Array.from(counts, Math.sqrt)
    const total = roots.reduce((sum, root) => sum + root, 0)
    this.#probabilities = roots.map((root) => root / total)
    let sum = 0
    this.#cumulative = this.#probabilities.map((probability) => {
      sum += probability
      return sum
    })
  }

  /** How likely one draw is this item. */
  probability(item: number): number {
    return this.#probabilities[item]!
  }

  /**
   * @param items       `[n]`, overwritten: independent draws; every item once, with corrections of 0, where n is the number of items
   * @param corrections `[n]`, overwritten: −log(expected number of this item among n), which makes a softmax over the sample an estimate
   *                    of the one over all items (Bengio & Senécal 2008)
   */
  draw(items: Int32Array, corrections: Float32Array, random: Random): void {
    if (items.length === this.#cumulative.length) {
      for (let item = 0; item < items.length; item++) items[item] = item
      corrections.fill(0)
      return
    }
    const last = this.#cumulative.at(-1)!
    for (let i = 0; i < items.length; i++) {
      const item = firstAbove(this.#cumulative, random.uniform() * last)
      items[i] = item
      corrections[i] = -Math.log(items.length * this.#probabilities[item]!)
    }
  }
}
