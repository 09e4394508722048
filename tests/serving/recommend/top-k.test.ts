import { describe, expect, it } from 'vitest'
import { TopK } from '../../../serving/recommend/top-k.ts'

describe('TopK', () => {
  it('keeps the k best of many, best first', () => {
    const heap = new TopK(50)
    // A permutation of 0 … 999 (7 and 1000 have no common factor), scored by its own value.
    for (let i = 0; i < 1000; i++) heap.offer((i * 7) % 1000, (i * 7) % 1000)
    expect([...heap.drain()]).toEqual(Array.from({ length: 50 }, (_, rank) => 999 - rank))
  })

  it('gives ties to the lower index, whatever came first', () => {
    for (const order of [
      [3, 1, 2],
      [1, 2, 3],
      [2, 3, 1],
    ]) {
      const heap = new TopK(2)
      for (const index of order) heap.offer(index, 5)
      expect([...heap.drain()]).toEqual([1, 2])
    }
  })

  it('gives fewer when there are fewer, never keeps NaN, and starts empty again', () => {
    const heap = new TopK(3)
    heap.offer(1, Number.NaN)
    heap.offer(2, -1)
    expect([...heap.drain()]).toEqual([2])
    expect([...heap.drain()]).toEqual([])
  })
})
