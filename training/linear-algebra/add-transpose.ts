import type { Matrix } from '../backend/linear-algebra.ts'

/** A tile and its mirror image stay in the cache together. */
const tile = 64

/** A ← A + Aᵀ in place, of which the lower triangle (with the diagonal) is written; the upper one keeps what it was. */
export function addTranspose({ rows: size, values }: Matrix): void {
  for (let top = 0; top < size; top += tile) {
    const bottom = Math.min(size, top + tile)
    for (let left = 0; left <= top; left += tile) {
      for (let row = top; row < bottom; row++) {
        const end = Math.min(row + 1, left + tile)
        for (let column = left; column < end; column++) values[row * size + column]! += values[column * size + row]!
      }
    }
  }
}
