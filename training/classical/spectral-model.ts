import type { PackedRows } from '../backend/packed-rows.ts'
import { servedWeights } from '../export/item-weights-onnx.ts'
import { exportSpectral } from '../export/spectral-onnx.ts'
import type { FittedRecommender } from '../families/family.ts'
import { scoreByLowRank, scoreManyByLowRank } from './low-rank-scores.ts'
import { rankedItems } from './ranked-items.ts'
import { neighbourLists } from './sparse-matrix.ts'
import { type FilterSettings, type Spectrum, spectralFilter } from './spectral-filter.ts'

/** All that scoring needs. */
export interface SpectralParts {
  /** P̃ without its diagonal, `[items, items]`. */
  readonly closeness: PackedRows
  readonly spectrum: Spectrum
}

export function spectralModel({ closeness, spectrum }: SpectralParts, settings: FilterSettings): FittedRecommender {
  const { vectors, squares, degrees } = spectrum
  const filter = spectralFilter(spectrum, settings)
  const items = degrees.length
  const score = (history: Int32Array, scores: Float32Array): void => {
    scoreByLowRank(filter, history, scores)
    closeness.addTo(scores, history, filter.tail)
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
      await scoreManyByLowRank(filter, known, scores)
      for (const [row, history] of known.entries()) {
        const own = scores.subarray(row * items, (row + 1) * items)
        if (history.length === 0) own.set(degrees)
        else closeness.addTo(own, history, filter.tail)
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
    serving: () => {
      const neighbours = neighbourLists(closeness.unpack(), servedWeights)
      const scores = neighbours.scores.map((weight) => weight * filter.tail)
      return exportSpectral({ ...filter, neighbours: { ...neighbours, scores } })
    },
    close: () => undefined,
  }
}

const distinct = (history: Int32Array): Int32Array => Int32Array.from(new Set(history))
