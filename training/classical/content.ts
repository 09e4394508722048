import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { decayingPlaces, exportItemWeights, servedWeights } from '../export/item-weights-onnx.ts'
import { strongestOfRows } from '../export/strongest-weights.ts'
import type { FittedRecommender, RecommenderFamily } from '../families/family.ts'
import { type ContentWeights, type ItemVectors, itemVectors } from './item-vectors.ts'
import { fitPopularity } from './popularity.ts'
import { addRow } from './sparse-matrix.ts'
import { topItems } from './top-items.ts'
import { transpose } from './user-item-matrix.ts'

/** Defaults chosen on the validation parts of ml-100k and ml1m, of which only titles, genres and years are known. */
const share = z.number().min(0).max(100)
const configSchema = z.object({
  decay: z
    .number()
    .positive()
    .max(1)
    .default(0.75)
    .describe('weight of the k-th last item of the history relative to the one after it'),
  lastItems: z.number().int().min(1).default(50).describe('items of the history that count, from the newest back'),
  wordWeight: share.default(0.5).describe('how much the words of the texts say'),
  nGramWeight: share.default(1).describe('how much parts of words say'),
  categoryWeight: share.default(1).describe('how much the categories say, the creator among them'),
  numberWeight: share.default(0.5).describe('how much the numbers say'),
})
/** Items of the history whose weight is below this are not served. */
const leastServed = 1e-3

type ContentOptions = z.infer<typeof configSchema> & ContentWeights

/**
 * Items like those of the history by what they are, not by who liked them, so that an item nobody has had yet is found as well.
 *
 * profile = Σ_k decay^(k−1)·v(k-th last item); score(j) = profileᵀv(j), which orders as their cosine does (Lops, de Gemmis & Semeraro 2011,
 * section 3.3.1.1), with v of length 1 as in item-vectors.ts. A history of which nothing is known gets what is popular. Served as what is
 * most like each item of the history.
 */
export const contentFamily: RecommenderFamily<ContentOptions> = {
  name: 'content',
  description: 'Items alike in text, categories and numbers; finds new items too.',
  orderAware: true,
  config: configSchema,
  searchSpace: {
    decay: { from: 0.5, to: 1, scale: 'linear' },
    wordWeight: { values: [0, 0.5, 1, 2] },
    nGramWeight: { values: [0, 0.5, 1, 2] },
    categoryWeight: { values: [0, 0.5, 1, 2] },
    numberWeight: { values: [0, 0.5, 1, 2] },
  },
  // Texts decide it: some 100 terms an item, held as pairs while they are counted, then twice as typed arrays.
  estimateBytes: ({ items }) => items * 100 * 100 + 8 * 2 ** 20,
  async fit({ interactions, content }, config) {
    if (content === undefined) {
      throw new AppError(
        'DATA_INSUFFICIENT',
        'content knows nothing of the items; expected their texts, categories or numbers. Give them with `--items FILE` (item,text… with a header).',
      )
    }
    const { counts } = fitPopularity(interactions, { halfLifeDays: Number.POSITIVE_INFINITY })
    return contentRecommender(itemVectors(content, config), counts, config)
  },
  load: async ({ json, arrays }) =>
    contentRecommender(
      {
        offsets: arrays.offsets as Int32Array,
        columns: arrays.columns as Int32Array,
        values: arrays.values as Float32Array,
        terms: Number(json.terms),
      },
      arrays.counts as Float32Array,
      configSchema.parse(json),
    ),
}

function contentRecommender(vectors: ItemVectors, counts: Float32Array, options: ContentOptions): FittedRecommender {
  // For each term the items that have it: an inverted index.
  const holders = transpose(vectors, vectors.terms)
  const profile = new Float32Array(vectors.terms)
  /** Adds v(item) to the profile, and returns the terms that it has not had before. */
  const addItem = (item: number, weight: number, touched: number[]): void => {
    for (let at = vectors.offsets[item]!; at < vectors.offsets[item + 1]!; at++) {
      if (profile[vectors.columns[at]!] === 0) touched.push(vectors.columns[at]!)
      profile[vectors.columns[at]!]! += weight * vectors.values[at]!
    }
  }
  /** scores = product of the profile and every item; whether the profile has any term. Empties the profile. */
  const scoreProfile = (touched: readonly number[], scores: Float32Array): boolean => {
    scores.fill(0)
    for (const term of touched) {
      addRow(holders, term, profile[term]!, scores)
      profile[term] = 0
    }
    return touched.length > 0
  }
  const alike = new Float32Array(counts.length)
  /** Cosine of an item and every item; overwritten by the next. */
  const cosinesWith = (item: number): Float32Array => {
    const touched: number[] = []
    addItem(item, 1, touched)
    scoreProfile(touched, alike)
    return alike
  }
  return {
    name: 'content',
    foldsIn: true,
    chosen: {},
    score(_user, history, scores) {
      const touched: number[] = []
      let weight = 1
      for (let i = history.length - 1; i >= Math.max(0, history.length - options.lastItems); i--) {
        addItem(history[i]!, weight, touched)
        weight *= options.decay
      }
      if (!scoreProfile(touched, scores)) scores.set(counts)
    },
    similar(item, k) {
      const scores = cosinesWith(item)
      scores[item] = 0
      const items = topItems(scores, k).filter((other) => scores[other]! > 0)
      return { items, scores: Float32Array.from(items, (other) => scores[other]!) }
    },
    save: () => ({
      json: { ...options, terms: vectors.terms },
      arrays: { offsets: vectors.offsets, columns: vectors.columns, values: vectors.values, counts },
    }),
    serving: () =>
      exportItemWeights(
        [
          {
            weights: strongestOfRows(counts.length, cosinesWith, servedWeights),
            placeWeights: decayingPlaces(options.decay, leastServed).slice(-options.lastItems),
          },
        ],
        counts.length,
      ),
    close: () => undefined,
  }
}
