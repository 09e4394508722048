import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { KernelPool, type Shared } from '../../../../training/backend/parallel/kernel-pool.ts'
import { createRandom } from '../../../../training/backend/random.ts'

const size = 16
/** Where the words lie by which workers agree on whose turn it is. */
const firstOfPool = 65_536
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

  it('sparseTimesDense, on one thread and on three: the same bits, and the product', async () => {
    const random = createRandom(3)
    // 103 rows of 0 to 6 entries among 9
    const offsets = Int32Array.from(
      { length: 104 },
      (_, row) => 21 * Math.floor(row / 7) + [0, 0, 1, 3, 6, 10, 15][row % 7]!,
    )
    const entries = offsets[103]!
    const columns = Int32Array.from({ length: entries }, () => random.int(9))
    const values = Float32Array.from({ length: entries }, () => random.normal())
    const dense = Float32Array.from({ length: 9 * size }, () => random.normal())
    const results = await Promise.all(
      [1, 3].map(async (threads) => {
        const pool = open(threads)
        const out = pool.float32(103 * size)
        const sparse = [
          put(pool.int32(104), offsets),
          put(pool.int32(entries + 3), columns),
          put(pool.float32(entries + 3), values),
        ]
        const args = [...sparse, put(pool.float32(dense.length), dense), out.at, size]
        await pool.run({ kernel: 'sparseTimesDense', count: 103, chunk: 8, args })
        return out.values.slice()
      }),
    )
    expect(results[1]).toEqual(results[0])
    for (const row of [0, 1, 5, 6, 102]) {
      let expected = 0
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++)
        expected += values[at]! * dense[columns[at]! * size + 5]!
      expect(results[0]![row * size + 5]).toBeCloseTo(expected, 4)
    }
  })

  it('kernels in a row, on three threads: each finds what the one before has written', async () => {
    const pool = open(3)
    // Every run doubles the 16 × 16 matrix that the run before wrote: 2·(2·(3·I)) is 12·I.
    const [x, once, twice] = [pool.float32(size * size), pool.float32(size * size), pool.float32(size * size)]
    for (let i = 0; i < size; i++) x.values[i * size + i] = 3
    const twos = [
      put(
        pool.int32(size + 1),
        Array.from({ length: size + 1 }, (_, i) => i),
      ),
      put(
        pool.int32(size + 3),
        Array.from({ length: size }, (_, i) => i),
      ),
      put(pool.float32(size + 3), new Array(size).fill(2)),
    ]
    const doubled = (from: Shared<Float32Array>, to: Shared<Float32Array>) =>
      ({ kernel: 'sparseTimesDense', count: size, chunk: 1, args: [...twos, from.at, to.at, size] }) as const
    await pool.runAll([doubled(x, once), doubled(once, twice)])
    expect(twice.values[0]).toBe(12)
    expect(twice.values[size + 1]).toBe(12)
    expect(twice.values[1]).toBe(0)
  })

  it('workers that are woken too early: no kernel begins before all rows of the one before are done', async () => {
    const pool = open(4)
    // Every run moves all rows down by one, the last to the top: 1,000 runs move them by 8 of 16.
    const [a, b] = [pool.float32(size * size), pool.float32(size * size)]
    for (let i = 0; i < size; i++) a.values[i * size] = i
    const indices = (length: number, of: (i: number) => number): number[] => Array.from({ length }, (_, i) => of(i))
    const moved = [
      put(
        pool.int32(size + 1),
        indices(size + 1, (i) => i),
      ),
      put(
        pool.int32(size + 3),
        indices(size, (i) => (i + size - 1) % size),
      ),
      put(pool.float32(size + 3), new Array(size).fill(1)),
    ]
    const run = (from: Shared<Float32Array>, to: Shared<Float32Array>) =>
      ({ kernel: 'sparseTimesDense', count: size, chunk: 1, args: [...moved, from.at, to.at, size] }) as const
    const running = pool.runAll(Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? run(a, b) : run(b, a))))
    let ended = false
    void running.finally(() => {
      ended = true
    })
    // As a worker does that was held up between counting a kernel and waking those who wait for its end.
    const turns = new Int32Array(a.values.buffer, firstOfPool, 3)
    while (!ended) {
      for (const word of turns.keys()) Atomics.notify(turns, word)
      await nextTurn()
    }
    await running
    expect(indices(size, (i) => a.values[i * size]!)).toEqual(indices(size, (i) => (i + 8) % size))
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

  it('a signal ends a run in the midst, with its reason', async () => {
    const stop = new AbortController()
    const pool = KernelPool.open({ threads: 2, scratchBytes: 64, signal: stop.signal })
    try {
      const [a, b] = [pool.float32(size * size), pool.float32(size * size)]
      const none = [pool.int32(size + 1).at, pool.int32(3).at, pool.float32(3).at]
      const run = { kernel: 'sparseTimesDense', count: size, chunk: 1, args: [...none, a.at, b.at, size] } as const
      const running = pool.runAll(new Array(100_000).fill(run))
      stop.abort(new Error('enough'))
      await expect(running).rejects.toThrow('enough')
      await expect(pool.run(run)).rejects.toThrow('enough')
    } finally {
      await pool.close()
    }
  })

  it('beyond 4 GB: says how much is wanted', () => {
    expect(() => open(1).float32(2 ** 30)).toThrow(/holds 4 GB; 4\.0 GB are wanted/)
  })

  it.each([1, 2])('a kernel that leaves the memory, with %i threads: an error, not a hang', async (threads) => {
    const pool = open(threads)
    const run = pool.run({ kernel: 'sparseTimesDense', count: 1, chunk: 1, args: [0, 0, 0, 0, 0xffff_0000, size] })
    await expect(run).rejects.toThrow(/memory access out of bounds/)
  })
})
