import { afterEach, describe, expect, it } from 'vitest'
import { KernelPool, type Shared } from '../../../../training/backend/parallel/kernel-pool.ts'
import { createRandom } from '../../../../training/backend/random.ts'

const size = 16
const pools: KernelPool[] = []
const open = (threads: number): KernelPool => {
  const pool = KernelPool.open({ threads, scratchBytes: 12 * size })
  pools.push(pool)
  return pool
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

/** Copies numbers into the pool's memory. */
function put<A extends Float32Array | Int32Array>(shared: Shared<A>, values: ArrayLike<number>): number {
  shared.values.set(values)
  return shared.at
}

describe('KernelPool', () => {
  it('solveRows, a liked and a disliked item on two axes: the closed form', async () => {
    const pool = open(1)
    // y_a = 2·e₀ with weight 3, y_b = e₁ with weight −1, gram = ½·Σ y·yᵀ = diag(2, ½, 0 …), ridge 1:
    // x₀ = 3·2 / (2 + 1 + 3·4) = 0.4, and on axis 1 nothing pulls: x₁ = 0
    const fixed = new Float32Array(2 * size)
    fixed[0] = 2
    fixed[size + 1] = 1
    const gram = new Float32Array(size * size)
    gram[0] = 2
    gram[size + 1] = 0.5
    const solved = pool.float32(size)
    solved.values[1] = 0.7
    await pool.run({
      kernel: 'solveRows',
      count: 1,
      chunk: 1,
      args: [
        put(pool.int32(2), [0, 2]),
        put(pool.int32(5), [0, 1]),
        put(pool.float32(5), [3, -1]),
        put(pool.float32(2 * size), fixed),
        solved.at,
        put(pool.float32(size * size), gram),
        put(pool.float32(1), [1]),
        size,
        4,
      ],
    })
    expect(solved.values[0]).toBeCloseTo(0.4, 5)
    expect(solved.values[1]).toBeCloseTo(0, 5)
    expect(solved.values.subarray(2).every((value) => value === 0)).toBe(true)
  })

  it('gramBlocks, on one thread and on three: the same bits, and XᵀX', async () => {
    const rows = 103
    const random = createRandom(3)
    const x = Float32Array.from({ length: rows * size }, () => random.normal())
    const results = await Promise.all(
      [1, 3].map(async (threads) => {
        const pool = open(threads)
        const partials = pool.float32(4 * size * size)
        const args = [put(pool.float32(x.length), x), rows, 26, partials.at, size]
        await pool.run({ kernel: 'gramBlocks', count: 4, chunk: 1, args })
        return partials.values.slice()
      }),
    )
    expect(results[1]).toEqual(results[0])
    let expected = 0
    for (let row = 0; row < rows; row++) expected += x[row * size + 2]! * x[row * size + 5]!
    const found = [0, 1, 2, 3].reduce((sum, block) => sum + results[0]![(block * size + 2) * size + 5]!, 0)
    expect(found).toBeCloseTo(expected, 3)
  })

  it('kernels in a row, on three threads: each finds what the one before has written', async () => {
    const pool = open(3)
    // Every run squares the 16 × 16 matrix that the run before wrote: XᵀX of 2·I is 4·I, of that 16·I.
    const [x, once, twice] = [pool.float32(size * size), pool.float32(size * size), pool.float32(size * size)]
    for (let i = 0; i < size; i++) x.values[i * size + i] = 2
    const squared = (from: Shared<Float32Array>, to: Shared<Float32Array>) =>
      ({ kernel: 'gramBlocks', count: 1, chunk: 1, args: [from.at, size, size, to.at, size] }) as const
    await pool.runAll([squared(x, once), squared(once, twice)])
    expect(twice.values[0]).toBe(16)
    expect(twice.values[size + 1]).toBe(16)
    expect(twice.values[1]).toBe(0)
  })

  it('pairwiseSteps, one triple: the gradient of BPR', async () => {
    const pool = open(1)
    const [users, items, biases] = [pool.float32(4), pool.float32(8), pool.float32(2)]
    users.values[0] = 1
    items.values[0] = 0.5
    items.values[4] = -0.5
    // z = 1·(0.5 + 0.5) + 0 = 1, g = 1/(1 + e) = 0.26894; rate 0.1, no l2: x₀ = 1 + 0.1·g·1, y₀ = 0.5 + 0.1·g, n₀ = −0.5 − 0.1·g
    await pool.run({
      kernel: 'pairwiseSteps',
      count: 1,
      chunk: 1,
      args: [put(pool.int32(3), [0, 0, 1]), users.at, items.at, biases.at, 4, 0.1, 0],
    })
    expect(users.values[0]).toBeCloseTo(1.026894, 6)
    expect(items.values[0]).toBeCloseTo(0.526894, 6)
    expect(items.values[4]).toBeCloseTo(-0.526894, 6)
    expect([...biases.values].map((bias) => Number(bias.toFixed(6)))).toEqual([0.026894, -0.026894])
  })

  it('beyond 4 GB: says how much is wanted', () => {
    expect(() => open(1).float32(2 ** 30)).toThrow(/holds 4 GB; 4\.0 GB are wanted/)
  })

  it.each([1, 2])('a kernel that leaves the memory, with %i threads: an error, not a hang', async (threads) => {
    const pool = open(threads)
    const run = pool.run({ kernel: 'gramBlocks', count: 1, chunk: 1, args: [0, 4, 4, 0xffff_0000, size] })
    await expect(run).rejects.toThrow(/memory access out of bounds/)
  })
})
