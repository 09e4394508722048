import { describe, expect, it } from 'vitest'
import { coalitionCount, type JoiningOrder, joiningOrders, shapleyEffects } from '../../../serving/predict/shapley.ts'

/** What a coalition is worth; `joined[player]` is 1 for its members. */
type Game = (joined: readonly number[]) => number

/** φ_i = Σ over coalitions S without i of |S|! (n − |S| − 1)! / n! · (v(S + i) − v(S)), by enumeration (Shapley 1953). */
function exactEffects(game: Game, players: number): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
  const worth = (set: number): number => game(Array.from({ length: players }, (_, p) => (set >> p) & 1))
  return Array.from({ length: players }, (_, player) => {
    let effect = 0
    for (let set = 0; set < 2 ** players; set++) {
      if ((set >> player) & 1) continue
      const size = set.toString(2).replaceAll('0', '').length
      const weight = (factorial(size) * factorial(players - size - 1)) / factorial(players)
      effect += weight * (worth(set | (1 << player)) - worth(set))
    }
    return effect
  })
}

function sampledEffects(game: Game, players: number, orders: readonly JoiningOrder[]): number[] {
  const coalitions = orders.flatMap((order) =>
    order.players.slice(0, -1).map((_, last) => {
      const members = order.players.slice(0, last + 1)
      return game(Array.from({ length: players }, (_, p) => Number(members.includes(p))))
    }),
  )
  const [nobody, everybody] = [0, 1].map((joined) => game(new Array(players).fill(joined)))
  return [...shapleyEffects(orders, { explained: [everybody!], backgrounds: [nobody!], coalitions }, players, 1)]
}

describe('shapleyEffects', () => {
  const all = [0, 1, 2, 3]

  it('is exact after one pair of orders where players meet by twos', () => {
    const game: Game = ([a, b, c, d]) => 3 * a! - 2 * b! + 5 * a! * c! - 7 * b! * d! + c! * d!
    const effects = sampledEffects(game, 4, joiningOrders([all], 1))
    // a: 3 + 5/2, b: −2 − 7/2, c: 5/2 + 1/2, d: −7/2 + 1/2
    expect(effects).toEqual([5.5, -5.5, 3, -3])
    expect(exactEffects(game, 4)).toEqual(effects.map((effect) => expect.closeTo(effect, 12)))
  })

  it('comes to the exact values of a game in which three and four meet', () => {
    const game: Game = ([a, b, c, d]) => Math.exp(a! + 0.5 * b! - c! * d!) + 2 * a! * b! * c! * d!
    const exact = exactEffects(game, 4)
    const sampled = sampledEffects(game, 4, joiningOrders([all], 2000))
    for (const [player, effect] of exact.entries()) expect(sampled[player]).toBeCloseTo(effect, 1)
  })

  it('leaves nothing over, however few the orders are', () => {
    const game: Game = ([a, b, c, d]) => Math.exp(a! + b! * c! * d!)
    const sum = sampledEffects(game, 4, joiningOrders([all], 1)).reduce((total, effect) => total + effect, 0)
    expect(sum).toBeCloseTo(Math.exp(2) - 1, 12)
  })

  it('holds against each background row what differs there', () => {
    const orders = joiningOrders([[0], [], [0, 1]], 1)
    expect(coalitionCount(orders)).toBe(2)
    // One output: 10 explained; backgrounds 4, 10 (the same) and 1; in the third, player 0 alone gives 5 and player 1 alone 7.
    const first = orders[4]!.players[0]!
    const coalitions = first === 0 ? [5, 7] : [7, 5]
    const effects = shapleyEffects(orders, { explained: [10], backgrounds: [4, 10, 1], coalitions }, 2, 1)
    // Player 0: (6 + 0 + ((5 − 1) + (10 − 7)) / 2) / 3, player 1: ((7 − 1) + (10 − 5)) / 2 / 3.
    expect([...effects]).toEqual([expect.closeTo(9.5 / 3, 12), expect.closeTo(5.5 / 3, 12)])
  })
})

describe('joiningOrders', () => {
  it('is the same every time, and each order has its reverse', () => {
    const orders = joiningOrders(
      [
        [0, 1, 2, 3, 4],
        [2, 3],
      ],
      2,
    )
    expect(
      joiningOrders(
        [
          [0, 1, 2, 3, 4],
          [2, 3],
        ],
        2,
      ),
    ).toEqual(orders)
    expect(orders).toHaveLength(8)
    for (let i = 0; i < orders.length; i += 2) {
      expect(orders[i + 1]!.players).toEqual(orders[i]!.players.toReversed())
      expect([...orders[i]!.players].sort()).toEqual(i < 4 ? [0, 1, 2, 3, 4] : [2, 3])
    }
  })
})
