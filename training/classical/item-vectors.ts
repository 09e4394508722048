import { countUpTo } from '../../features/transforms/count-up-to.ts'
import { nGramBuckets, nGramsOf, wordsOf } from '../../features/transforms/text-terms.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import type { ItemContent } from '../families/family.ts'
import type { SparseMatrix } from './sparse-matrix.ts'
import { topItems } from './top-items.ts'

/** How much each kind of content says; 0 leaves it out. */
export interface ContentWeights {
  readonly wordWeight: number
  readonly nGramWeight: number
  readonly categoryWeight: number
  readonly numberWeight: number
}

/** Items by terms; `terms` is the number of columns. */
export interface ItemVectors extends SparseMatrix {
  readonly terms: number
}

/** Knots of a number's scale: values within one tenth of the items are alike. */
const knots = 10

/** The strongest terms of a kind that an item keeps: a long description has hundreds, and every one costs at every score. */
const termsPerItem = 64

/**
 * Items as vectors of length 1 whose product is a weighted mean of the cosines of their words, n-grams, categories and numbers.
 *
 * Words, n-grams and categories by TF-IDF: (1 + ln tf)·ln(1 + N/df) (Salton & Buckley 1988), each kind scaled to length 1. A term of a single
 * item is left out, as it makes nothing alike. A number stands between two of ten knots that are equally far apart in its ranks.
 *
 * @returns rows of length 1; no entries where nothing is known of an item that another shares
 */
export function itemVectors(content: ItemContent, weights: ContentWeights): ItemVectors {
  const kinds: Kind[] = []
  const named = (weight: number, lists: readonly (readonly string[])[]): void => {
    const ids = new Map<string, number>()
    const idOf = (name: string): number => ids.get(name) ?? ids.set(name, ids.size).size - 1
    const terms = lists.map((list) => Int32Array.from(list, idOf))
    kinds.push({ weight, vectors: tfIdf(terms, ids.size) })
  }
  if (weights.wordWeight > 0) named(weights.wordWeight, content.texts.map(wordsOf))
  if (weights.nGramWeight > 0) {
    // Texts are long, vocabularies are not: the n-grams of each word are found once.
    const known = new Map<string, Int32Array>()
    const terms = content.texts.map((text) => {
      const lists = wordsOf(text).map((word) => {
        const found = known.get(word) ?? nGramsOf(word)
        known.set(word, found)
        return found
      })
      return concatIndices(...lists)
    })
    kinds.push({ weight: weights.nGramWeight, vectors: tfIdf(terms, nGramBuckets) })
  }
  const categories = Object.values(content.categories)
  for (const values of weights.categoryWeight > 0 ? categories : []) {
    const lists = values.map((value) => value.split('|').filter((name) => name !== ''))
    named(weights.categoryWeight / categories.length, lists)
  }
  const numbers = Object.values(content.numbers)
  for (const values of weights.numberWeight > 0 ? numbers : []) {
    kinds.push({ weight: weights.numberWeight / numbers.length, vectors: onKnots(values) })
  }
  return sideBySide(content.texts.length, kinds)
}

/** Vectors of one kind of content, of length 1 or without entries. */
interface Kind {
  readonly weight: number
  readonly vectors: ItemVectors
}

/** @param terms of each item, with repeats; sorted in place */
function tfIdf(terms: readonly Int32Array[], termCount: number): ItemVectors {
  const holders = new Int32Array(termCount)
  for (const its of terms) {
    its.sort()
    for (let i = 0; i < its.length; i++) if (its[i] !== its[i - 1]) holders[its[i]!]!++
  }
  const idf = Float64Array.from(holders, (count) => Math.log(1 + terms.length / count))
  const longest = terms.reduce((most, its) => Math.max(most, its.length), 0)
  const found = new Int32Array(longest)
  const strengths = new Float32Array(longest)
  return vectorsOf(terms.length, termCount, (item, add) => {
    const its = terms[item]!
    let count = 0
    for (let start = 0, end = 0; start < its.length; start = end) {
      const term = its[start]!
      while (end < its.length && its[end] === term) end++
      if (holders[term]! < 2) continue
      found[count] = term
      strengths[count++] = (1 + Math.log(end - start)) * idf[term]!
    }
    for (const at of topItems(strengths.subarray(0, count), termsPerItem)) add(found[at]!, strengths[at]!)
  })
}

function onKnots(values: Float32Array): ItemVectors {
  const known = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort()
  return vectorsOf(values.length, knots, (item, add) => {
    const value = values[item]!
    if (Number.isNaN(value)) return
    // The middle of equal values, so that all of them stand in one place.
    const upTo = countUpTo(known, value)
    let below = upTo
    while (below > 0 && known[below - 1] === value) below--
    const place = ((below + upTo) / 2 / known.length) * (knots - 1)
    const lower = Math.min(knots - 2, Math.floor(place))
    add(lower, lower + 1 - place)
    add(lower + 1, place - lower)
  })
}

/** Collects what `fill` adds for each item, at most `termsPerItem` entries, and scales it to length 1. */
function vectorsOf(
  itemCount: number,
  terms: number,
  fill: (item: number, add: (term: number, value: number) => void) => void,
): ItemVectors {
  const offsets = new Int32Array(itemCount + 1)
  const columns = new Int32Array(itemCount * termsPerItem)
  const values = new Float32Array(itemCount * termsPerItem)
  let end = 0
  const add = (term: number, value: number): void => {
    columns[end] = term
    values[end++] = value
  }
  for (let item = 0; item < itemCount; item++) {
    const start = end
    fill(item, add)
    const its = values.subarray(start, end)
    const norm = Math.sqrt(its.reduce((sum, value) => sum + value ** 2, 0))
    for (let at = start; at < end; at++) values[at]! /= norm
    offsets[item + 1] = end
  }
  return { offsets, columns: columns.slice(0, end), values: values.slice(0, end), terms }
}

/** Each kind with its weight, and what an item has of them scaled to length 1. */
function sideBySide(itemCount: number, kinds: readonly Kind[]): ItemVectors {
  const offsets = new Int32Array(itemCount + 1)
  const length = ({ offsets: its }: ItemVectors, item: number): number => its[item + 1]! - its[item]!
  for (let item = 0; item < itemCount; item++) {
    offsets[item + 1] = offsets[item]! + kinds.reduce((sum, { vectors }) => sum + length(vectors, item), 0)
  }
  const columns = new Int32Array(offsets[itemCount]!)
  const values = new Float32Array(offsets[itemCount]!)
  for (let item = 0; item < itemCount; item++) {
    const present = kinds.filter(({ vectors }) => length(vectors, item) > 0)
    const all = present.reduce((sum, { weight }) => sum + weight, 0)
    let at = offsets[item]!
    let firstTerm = 0
    for (const { weight, vectors } of kinds) {
      for (let from = vectors.offsets[item]!; from < vectors.offsets[item + 1]!; from++) {
        columns[at] = firstTerm + vectors.columns[from]!
        values[at++] = vectors.values[from]! * Math.sqrt(weight / all)
      }
      firstTerm += vectors.terms
    }
  }
  return { offsets, columns, values, terms: kinds.reduce((sum, { vectors }) => sum + vectors.terms, 0) }
}
