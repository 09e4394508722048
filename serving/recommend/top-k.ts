/**
 * Keeps the k best of a stream of (index, score): a bounded min-heap on typed arrays, reused from request to request.
 *
 * Ties: the lower index wins, so that a list never depends on the order of arrival. NaN scores are never kept.
 */
export class TopK {
  readonly capacity: number
  readonly #indices: Int32Array
  readonly #scores: Float64Array
  #size = 0

  /** @param capacity k, ≥ 1 */
  constructor(capacity: number) {
    this.capacity = capacity
    this.#indices = new Int32Array(capacity)
    this.#scores = new Float64Array(capacity)
  }

  offer(index: number, score: number): void {
    if (Number.isNaN(score)) return
    if (this.#size < this.capacity) {
      this.#place(this.#size++, index, score, true)
      return
    }
    if (this.#isWorse(index, score, this.#indices[0]!, this.#scores[0]!)) return
    this.#place(0, index, score, false)
  }

  /** Empties the heap. @returns the indices, best first, in memory of their own */
  drain(): Int32Array {
    const best = new Int32Array(this.#size)
    while (this.#size > 0) {
      best[--this.#size] = this.#indices[0]!
      if (this.#size > 0) this.#place(0, this.#indices[this.#size]!, this.#scores[this.#size]!, false)
    }
    return best
  }

  #isWorse(index: number, score: number, otherIndex: number, otherScore: number): boolean {
    return score < otherScore || (score === otherScore && index > otherIndex)
  }

  /** Puts an entry at a hole and moves the hole up or down to where the entry belongs; the root is the worst kept. */
  #place(hole: number, index: number, score: number, up: boolean): void {
    let at = hole
    for (;;) {
      const next = up ? (at - 1) >> 1 : this.#worseChild(at)
      if (next < 0) break
      const nextIndex = this.#indices[next]!
      const nextScore = this.#scores[next]!
      const stop = up
        ? !this.#isWorse(index, score, nextIndex, nextScore)
        : this.#isWorse(index, score, nextIndex, nextScore)
      if (stop) break
      this.#indices[at] = nextIndex
      this.#scores[at] = nextScore
      at = next
    }
    this.#indices[at] = index
    this.#scores[at] = score
  }

  #worseChild(parent: number): number {
    const left = 2 * parent + 1
    if (left >= this.#size) return -1
    const right = left + 1
    if (right >= this.#size) return left
    const rightIsWorse = this.#isWorse(
      this.#indices[right]!,
      this.#scores[right]!,
      this.#indices[left]!,
      this.#scores[left]!,
    )
    return rightIsWorse ? right : left
  }
}
