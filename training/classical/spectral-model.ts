import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import type { FittedRecommender } from '../families/family.ts'
import { rankedItems } from './ranked-items.ts'
import { addRow, type SparseMatrix } from './sparse-matrix.ts'
import type { SpectralFilter } from './spectral-filter.ts'

/** All that scoring needs. */
export interface SpectralParts extends SpectralFilter {
  /** P̃ without its diagonal, `[items, items]`. */
  readonly closeness: SparseMatrix
  /** V, `[items, k]`. */
  readonly vectors: Matrix
  /** `[items]` */
  readonly degrees: Float64Array
}

export function spectralModel(parts: SpectralParts, chosen: Readonly<Record<string, number>>): FittedRecommender {
  const { closeness, vectors, right, bent, tail, degrees } = parts
  const items = degrees.length

  /** Writes the history in the basis: r·V, and r·D^(−½)·V_i where the ideal low-pass is. */
  const project = (history: Iterable<number>, out: Float32Array): void => {
    const k = vectors.columns
    const passed = right.rows - bent
    for (const item of history) {
      const start = item * k
      for (let factor = 0; factor < bent; factor++) out[factor]! += vectors.values[start + factor]!
      if (passed === 0 || degrees[item] === 0) continue
      const weight = 1 / Math.sqrt(degrees[item]!)
      for (let factor = 0; factor < passed; factor++) out[bent + factor]! += weight * vectors.values[start + factor]!
    }
  }
  const score = (history: Iterable<number>, scores: Float32Array): void => {
    const coordinates = new Float32Array(right.rows)
    project(history, coordinates)
    scores.fill(0)
    for (const [factor, weight] of coordinates.entries()) {
      const start = factor * items
      for (let j = 0; j < items; j++) scores[j]! += weight * right.values[start + j]!
    }
    for (const item of history) addRow(closeness, item, tail, scores)
  }
  return {
    name: 'spectral',
    foldsIn: true,
    chosen,
    score(_user, history, scores) {
      if (history.length === 0) scores.set(degrees)
      else score(new Set(history), scores)
    },
    async scoreMany(_users, histories, scores) {
      const distinct = histories.map((history) => new Set(history))
      const coordinates = {
        rows: histories.length,
        columns: right.rows,
        values: new Float32Array(histories.length * right.rows),
      }
      for (const [row, history] of distinct.entries()) {
        project(history, coordinates.values.subarray(row * right.rows, (row + 1) * right.rows))
      }
      await multiply(coordinates, right, { out: scores })
      for (const [row, history] of distinct.entries()) {
        const own = scores.subarray(row * items, (row + 1) * items)
        if (history.size === 0) own.set(degrees)
        for (const item of history) addRow(closeness, item, tail, own)
      }
    },
    similar(item, k) {
      const scores = new Float32Array(items)
      score([item], scores)
      scores[item] = Number.NEGATIVE_INFINITY
      return rankedItems(scores, k)
    },
    save: () => ({
      json: { tail, bent, chosen, factors: vectors.columns },
      arrays: { ...closeness, vectors: vectors.values, right: right.values, degrees },
    }),
    close: () => undefined,
  }
}
