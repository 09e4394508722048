/** Events as they are read, one after the other: ids become numbers at once, so that 20 M events take 16 bytes each. */
export class EventColumns {
  readonly users = new Vocabulary()
  readonly items = new Vocabulary()
  #userOf = new Int32Array(1024)
  #itemOf = new Int32Array(1024)
  #times = new Float64Array(1024)
  #weights: Float32Array | undefined
  #length = 0

  /** @param weighted whether events have a weight; 1 otherwise */
  constructor({ weighted }: { readonly weighted: boolean } = { weighted: false }) {
    if (weighted) this.#weights = new Float32Array(1024)
  }

  get length(): number {
    return this.#length
  }

  push(userId: string, itemId: string, time: number, weight = 1): void {
    if (this.#length === this.#userOf.length) this.#grow()
    this.#userOf[this.#length] = this.users.indexOf(userId)
    this.#itemOf[this.#length] = this.items.indexOf(itemId)
    this.#times[this.#length] = time
    if (this.#weights !== undefined) this.#weights[this.#length] = weight
    this.#length++
  }

  /** `[length]`: index into `users.ids`. */
  get userOf(): Int32Array {
    return this.#userOf.subarray(0, this.#length)
  }

  /** `[length]`: index into `items.ids`. */
  get itemOf(): Int32Array {
    return this.#itemOf.subarray(0, this.#length)
  }

  get times(): Float64Array {
    return this.#times.subarray(0, this.#length)
  }

  get weights(): Float32Array | undefined {
    return this.#weights?.subarray(0, this.#length)
  }

  #grow(): void {
    const size = 2 * this.#length
    this.#userOf = extended(this.#userOf, new Int32Array(size))
    this.#itemOf = extended(this.#itemOf, new Int32Array(size))
    this.#times = extended(this.#times, new Float64Array(size))
    if (this.#weights !== undefined) this.#weights = extended(this.#weights, new Float32Array(size))
  }
}

function extended<A extends Int32Array | Float32Array | Float64Array>(from: A, to: A): A {
  to.set(from)
  return to
}

/** Ids in the order of their first appearance. */
class Vocabulary {
  readonly ids: string[] = []
  readonly #indices = new Map<string, number>()

  /** The index of an id, a new one at its first appearance. */
  indexOf(id: string): number {
    const known = this.#indices.get(id)
    if (known !== undefined) return known
    this.#indices.set(id, this.ids.length)
    return this.ids.push(id) - 1
  }
}
