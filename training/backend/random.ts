/** A seeded stream of random numbers: the same seed gives the same stream on every machine. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number
  /** Integer in [0, limit), limit from 1 to 2³². */
  int(limit: number): number
  /** Standard normal (Box & Muller 1958). */
  normal(): number
  /** Reorders in place (Fisher & Yates). */
  shuffle(values: Int32Array | Uint32Array): void
  /** An independent stream for one purpose, so that drawing more in one place changes nothing in another. */
  fork(purpose: string): Random
}

/**
 * Mulberry32: 32 bits of state, period 2³².
 *
 * @param seed any integer; its low 32 bits count
 */
export function createRandom(seed: number): Random {
  // A signed integer: one above 2³¹ would be a number on the heap, allocated anew with every draw.
  let state = seed | 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (limit: number): number => Math.floor(uniform() * limit)
  return {
    uniform,
    int,
    normal() {
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
      return radius * Math.cos(2 * Math.PI * uniform())
    },
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = int(i + 1)
        const kept = values[i]!
        values[i] = values[j]!
        values[j] = kept
      }
    },
    fork: (purpose) => createRandom(hash(`${seed >>> 0}/${purpose}`)),
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
