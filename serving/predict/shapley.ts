/** The players of one background row in the order in which they join. */
export interface JoiningOrder {
  readonly background: number
  readonly players: readonly number[]
}

/**
 * Random orders in which players join, in pairs of an order and its reverse: an effect that two players have together then falls to
 * each by half without any chance in it, and of more players the variance is smaller (antithetic permutations, Mitchell et al. 2022,
 * Sampling Permutations for Shapley Value Estimation, §4.1).
 *
 * @param active players that differ from each background row, `[backgrounds]`; the others have no effect there and need no coalitions
 * @param pairs  of orders, for each background row
 */
export function joiningOrders(active: readonly (readonly number[])[], pairs: number): JoiningOrder[] {
  const random = lehmer()
  return active.flatMap((players, background) =>
    Array.from({ length: pairs }, () => {
      const order = shuffled(players, random)
      return [
        { background, players: order },
        { background, players: order.toReversed() },
      ]
    }).flat(),
  )
}

/** Coalitions of an order that are neither nobody nor everybody: these two are the same in all orders of a background row. */
export const coalitionCount = (orders: readonly JoiningOrder[]): number =>
  orders.reduce((sum, { players }) => sum + Math.max(0, players.length - 1), 0)

/** What a model says, by row, of T outputs each. */
export interface CoalitionValues {
  /** Everybody: the explained input, `[T]`. */
  readonly explained: ArrayLike<number>
  /** Nobody: `[backgrounds, T]`. */
  readonly backgrounds: ArrayLike<number>
  /** Order by order, the coalitions of its first 1, 2, … players: `[coalitionCount, T]`. */
  readonly coalitions: ArrayLike<number>
}

/**
 * Sampled Shapley values: what a player adds when it joins, as a mean over the orders (Štrumbelj & Kononenko 2014, Explaining prediction
 * models and individual predictions with feature contributions, alg. 1).
 *
 * However few the orders are, the effects of all players sum to explained − mean of the backgrounds, if each background row has equally
 * many orders.
 *
 * @returns `[players, outputs]`, row-major
 */
export function shapleyEffects(
  orders: readonly JoiningOrder[],
  { explained, backgrounds, coalitions }: CoalitionValues,
  players: number,
  outputs: number,
): Float64Array {
  const effects = new Float64Array(players * outputs)
  let row = 0
  for (const order of orders) {
    const last = order.players.length - 1
    for (const [place, player] of order.players.entries()) {
      for (let t = 0; t < outputs; t++) {
        const before = place === 0 ? backgrounds[order.background * outputs + t]! : coalitions[(row - 1) * outputs + t]!
        const after = place === last ? explained[t]! : coalitions[row * outputs + t]!
        effects[player * outputs + t]! += (after - before) / orders.length
      }
      if (place !== last) row++
    }
  }
  return effects
}

/** Fisher and Yates. */
function shuffled(players: readonly number[], random: () => number): number[] {
  const order = [...players]
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

/** Lehmer's generator with the multiplier of Park and Miller: the same request gets the same explanation. */
function lehmer(): () => number {
  let state = 20_261_123
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
