import { expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { withSomeHidden } from '../../../training/datasets/early-counts.ts'

const names = ['views', 'likes', 'shares']
const n = 900
const counts = { kind: 'known', names, values: new Float32Array(n * 3).fill(7) } as const
const learned = Int32Array.from({ length: 600 }, (_, i) => i)
const knownOf = (values: Float32Array, content: number): string =>
  names.filter((_, j) => !Number.isNaN(values[content * 3 + j]!)).join(' ')

it('hides some early counts of a third of the contents, never all of them', () => {
  const hidden = withSomeHidden(counts, learned, createRandom(1))
  if (hidden.kind === 'none') throw new Error('expected counts')
  const kept = [...learned].map((content) => knownOf(hidden.values, content))
  const partly = kept.filter((its) => its !== names.join(' '))
  expect(partly.length).toBeGreaterThan(160)
  expect(partly.length).toBeLessThan(240)
  expect(new Set(partly)).toEqual(new Set(['views', 'likes', 'shares', 'views likes', 'views shares', 'likes shares']))
  // What the model is judged by keeps its counts, and what was given is not touched.
  expect([...hidden.values.subarray(600 * 3)].every((value) => value === 7)).toBe(true)
  expect(counts.values.every((value) => value === 7)).toBe(true)
})

it('leaves a single count, and none, as they are', () => {
  const single = { kind: 'known', names: ['views'], values: new Float32Array(n).fill(7) } as const
  expect(withSomeHidden(single, learned, createRandom(1))).toBe(single)
  const none = { kind: 'none', reason: 'nothing counts' } as const
  expect(withSomeHidden(none, learned, createRandom(1))).toBe(none)
})
