import { multiply } from '../backend/linear-algebra.ts'
import type { PackedRows } from '../backend/packed-rows.ts'
import type { FittedRecommender } from '../families/family.ts'
import { rankedItems } from './ranked-items.ts'
import { type FilterSettings, type Spectrum, spectralFilter } from './spectral-filter.ts'

/** All that scoring needs. */
export interface SpectralParts {
  /** P̃ without its diagonal, `[items, items]`. */
  readonly closeness: PackedRows
  readonly spectrum: Spectrum
}

export function spectralModel({ closeness, spectrum }: SpectralParts, settings: FilterSettings): FittedRecommender {
  const { vectors, squares, degrees } = spectrum
  const { tail, left, mixing, right } = spectralFilter(spectrum, settings)
  const items = degrees.length
  const size = right.columns

  /** Writes a history in the basis, r·left. */
  const project = (history: Int32Array, out: Float32Array): void => {
    const { values } = left
    for (const item of history) {
      const from = item * size
      for (let i = 0; i < size; i++) out[i]! += values[from + i]!
    }
  }
  const score = (history: Int32Array, scores: Float32Array): void => {
    const coordinates = new Float32Array(size)
    project(history, coordinates)
    const bentOnes = new Float64Array(size)
    for (const [row, weight] of coordinates.entries()) {
      for (let i = 0; i < size; i++) bentOnes[i]! += weight * mixing.values[row * size + i]!
    }
    for (let item = 0; item < items; item++) {
      let sum = 0
      for (let i = 0, at = item * size; i < size; i++) sum += bentOnes[i]! * right.values[at + i]!
      scores[item] = sum
    }
    closeness.addTo(scores, history, tail)
  }
  return {
    name: 'spectral',
    foldsIn: true,
    chosen: { ...settings },
    score(_user, history, scores) {
      if (history.length === 0) scores.set(degrees)
      else score(distinct(history), scores)
    },
    async scoreMany(_users, histories, scores) {
      const known = histories.map(distinct)
      const coordinates = { rows: known.length, columns: size, values: new Float32Array(known.length * size) }
      for (const [row, history] of known.entries()) {
        project(history, coordinates.values.subarray(row * size, (row + 1) * size))
      }
      await multiply(await multiply(coordinates, mixing), right, { transposeB: true, out: scores })
      for (const [row, history] of known.entries()) {
        const own = scores.subarray(row * items, (row + 1) * items)
        if (history.length === 0) own.set(degrees)
        else closeness.addTo(own, history, tail)
      }
    },
    similar(item, k) {
      const scores = new Float32Array(items)
      score(Int32Array.of(item), scores)
      scores[item] = Number.NEGATIVE_INFINITY
      return rankedItems(scores, k)
    },
    save: () => ({
      json: { ...settings, factors: vectors.columns },
      arrays: { ...closeness.unpack(), vectors: vectors.values, squares, degrees },
    }),
    close: () => undefined,
  }
}

const distinct = (history: Int32Array): Int32Array => Int32Array.from(new Set(history))
