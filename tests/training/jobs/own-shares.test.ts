import { expect, it } from 'vitest'
import { bestShare } from '../../../training/jobs/own-shares.ts'

const n = 60
const own = Float64Array.from({ length: n }, (_, i) => Math.sin(i))
const other = Float64Array.from({ length: n }, (_, i) => Math.cos(3 * i))

it('finds the share that foretells best, unknown outcomes left out', () => {
  const actual = own.map((value, i) => (i % 5 === 0 ? Number.NaN : 0.3 * value + 0.7 * other[i]!))
  expect(bestShare(own, other, actual)).toBeCloseTo(0.3, 10)
})

it('stays between the two', () => {
  expect(
    bestShare(
      own,
      other,
      own.map((value, i) => 2 * value - other[i]!),
    ),
  ).toBe(1)
  expect(
    bestShare(
      own,
      other,
      own.map((value, i) => 2 * other[i]! - value),
    ),
  ).toBe(0)
})

it('goes by its own where too little is known, or both are the same', () => {
  const few = other.map((value, i) => (i < 15 ? value : Number.NaN))
  expect(bestShare(own, other, few)).toBe(1)
  expect(bestShare(own, own, other)).toBe(1)
})
