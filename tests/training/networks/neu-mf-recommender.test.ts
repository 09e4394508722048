import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { createNeuMf } from '../../../training/networks/neu-mf.ts'
import { NeuMfRecommender } from '../../../training/networks/neu-mf-recommender.ts'

describe('NeuMfRecommender', () => {
  const shape = {
    variant: 'neu-mf' as const,
    userCount: 90,
    itemCount: 130,
    gmfSize: 8,
    mlpSize: 8,
    hiddenSizes: [16, 8],
  }
  const recommender = NeuMfRecommender.of(createNeuMf(shape, createRandom(1), 1))
  const one = (user: number): Float32Array => {
    const scores = new Float32Array(shape.itemCount)
    recommender.score(user, new Int32Array(), scores)
    return scores
  }

  it('several calls for many users at once, and one user in between: each gets its own scores', async () => {
    const orders = [0, 1, 2].map((start) => Int32Array.from({ length: 70 }, (_, i) => (i + 20 * start) % 90))
    const results = orders.map(() => new Float32Array(70 * shape.itemCount))
    const calls = orders.map((users, i) => recommender.scoreMany(users, [], results[i]!))
    const between = one(5)
    await Promise.all(calls)
    expect(between).toEqual(one(5))
    for (const [i, users] of orders.entries()) {
      for (const [row, user] of users.entries()) {
        expect(results[i]!.subarray(row * shape.itemCount, (row + 1) * shape.itemCount)).toEqual(one(user))
      }
    }
  })

  it('an unknown user: the scores of the mean of all users', () => {
    const weights = createNeuMf({ ...shape, variant: 'gmf', userCount: 2 }, createRandom(2), 1)
    const gmf = NeuMfRecommender.of(weights)
    const [first, second, nobody] = [0, 1, -1].map((user) => {
      const scores = new Float32Array(shape.itemCount)
      gmf.score(user, new Int32Array(), scores)
      return scores
    })
    // GMF is linear in the user: the score of the mean is the mean of the scores.
    for (const [item, score] of nobody!.entries()) expect(score).toBeCloseTo((first![item]! + second![item]!) / 2, 5)
  })
})
