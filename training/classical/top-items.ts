import { AppError } from '../../errors.ts'

/**
 * The k items of the greatest scores, best first; the lower index first among equals. −Infinity is never chosen.
 *
 * @param scores     `[items]`
 * @param candidates ascending item indices to choose from; every item when absent
 * @returns `[≤ k]`
 * @throws AppError INTERNAL when a score is NaN: no order would mean anything
 */
export function topItems(scores: Float32Array, k: number, candidates?: Int32Array): Int32Array {
  const best = new Best(Math.min(k, candidates?.length ?? scores.length))
  if (candidates === undefined) offerAll(best, scores)
  else for (const item of candidates) best.offer(item, scores[item]!)
  return best.items.slice(0, best.count)
}

/** Nearly every score loses against the worst of the k: eight that do are passed over in one step. */
function offerAll(best: Best, scores: Float32Array): void {
  const eights = scores.length - 8
  for (let i = 0; i < scores.length; i++) {
    const { worst } = best
    while (
      i <= eights &&
      scores[i]! <= worst &&
      scores[i + 1]! <= worst &&
      scores[i + 2]! <= worst &&
      scores[i + 3]! <= worst &&
      scores[i + 4]! <= worst &&
      scores[i + 5]! <= worst &&
      scores[i + 6]! <= worst &&
      scores[i + 7]! <= worst
    ) {
      i += 8
    }
    if (i < scores.length) best.offer(i, scores[i]!)
  }
}

/** The best so far, in order. */
class Best {
  readonly items: Int32Array
  readonly #scores: Float32Array
  count = 0
  /** A score must be greater to get in. */
  worst: number

  constructor(size: number) {
    this.items = new Int32Array(size)
    this.#scores = new Float32Array(size)
    this.worst = size === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }

  offer(item: number, score: number): void {
    if (score <= this.worst) return
    if (Number.isNaN(score)) throw new AppError('INTERNAL', `Item ${item} is scored NaN; expected a number.`)
    // An equal score of a lower index stays ahead.
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#scores[middle]! >= score) low = middle + 1
      else high = middle
    }
    if (this.count < this.items.length) this.count++
    this.items.copyWithin(low + 1, low, this.count - 1)
    this.#scores.copyWithin(low + 1, low, this.count - 1)
    this.items[low] = item
    this.#scores[low] = score
    if (this.count === this.items.length) this.worst = this.#scores[this.count - 1]!
  }
}
