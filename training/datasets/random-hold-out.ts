import { createRandom } from '../backend/random.ts'
import type { Interactions } from './interactions.ts'
import type { HeldOut } from './interactions-split.ts'

/**
 * Takes a share of each user's items away at random: what an order-blind model chooses its settings by when nothing else is held out.
 *
 * Users of whom less than one item would be taken, ⌊share·events⌋ = 0, keep all and are not judged.
 *
 * @param share in (0, 1)
 * @param mostUsers of whom something is taken at most, drawn at random; the others keep all
 */
export function holdOutAtRandom(
  all: Interactions,
  share: number,
  seed: number,
  mostUsers = Number.POSITIVE_INFINITY,
): { readonly fitted: Interactions; readonly heldOut: HeldOut } {
  const random = createRandom(seed).fork('hold out')
  const asked = drawnUsers(all.users.length, mostUsers, seed)
  const kept: number[] = []
  const offsets = new Int32Array(all.users.length + 1)
  const judged: number[] = []
  const items: Int32Array[] = []
  for (let user = 0; user < all.users.length; user++) {
    const from = all.offsets[user]!
    const to = all.offsets[user + 1]!
    const taken = asked[user] === 1 ? Math.floor((to - from) * share) : 0
    if (taken === 0) {
      for (let at = from; at < to; at++) kept.push(at)
      offsets[user + 1] = kept.length
      continue
    }
    const order = Int32Array.from({ length: to - from }, (_, step) => from + step)
    random.shuffle(order)
    const rest = order.subarray(taken).sort()
    kept.push(...rest)
    offsets[user + 1] = kept.length
    const known = new Set(Array.from(rest, (at) => all.itemIndices[at]!))
    // A repeat of what stays is no discovery.
    const hidden = new Set(
      Array.from(order.subarray(0, taken), (at) => all.itemIndices[at]!).filter((i) => !known.has(i)),
    )
    if (hidden.size === 0) continue
    judged.push(user)
    items.push(Int32Array.from(hidden))
  }
  const at = Int32Array.from(kept)
  return {
    fitted: {
      ...all,
      offsets,
      itemIndices: at.map((i) => all.itemIndices[i]!),
      times: Float64Array.from(at, (i) => all.times[i]!),
      ...(all.weights && { weights: Float32Array.from(at, (i) => all.weights![i]!) }),
    },
    heldOut: { users: Int32Array.from(judged), items },
  }
}

/** `[count]`: 1 for those drawn. */
function drawnUsers(count: number, most: number, seed: number): Uint8Array {
  const order = Int32Array.from({ length: count }, (_, user) => user)
  createRandom(seed).fork('held out users').shuffle(order)
  const drawn = new Uint8Array(count)
  for (const user of order.subarray(0, most)) drawn[user] = 1
  return drawn
}
