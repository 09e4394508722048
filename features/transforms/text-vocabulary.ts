import { wordsOf } from './text-terms.ts'

/** The terms by which texts of several fields (title, tags…) are known; a word is another in each field. */
export interface TextVocabulary {
  /** Words and pairs of neighbouring words of each field; their position in all fields together is their number. */
  readonly terms: readonly (readonly string[])[]
  /** `[terms]`: ln(1 + texts / texts that have it) */
  readonly idf: Float32Array
}

/** Terms of each text with their weights, compressed by row. */
export interface WeighedTerms {
  /** `[texts + 1]` */
  readonly offsets: Int32Array
  /** Numbers of terms. */
  readonly columns: Int32Array
  readonly values: Float32Array
}

/** A term of fewer texts is not learned from. */
const rarest = 3
const mostTerms = 30_000
/** Of a text that is longer, the beginning is read. */
const longest = 2000

/**
 * The terms that several of the given texts have; of very many those that most have.
 *
 * @param fields `[fields][rowCount]`, `''` = unknown
 * @param rows   those to learn from
 */
export function fitTextVocabulary(fields: readonly (readonly string[])[], rows: Int32Array): TextVocabulary {
  const found = fields.map((texts) => {
    const counts = new Map<string, number>()
    for (const row of rows) for (const term of textTerms(texts[row]!)) counts.set(term, (counts.get(term) ?? 0) + 1)
    return (
      [...counts]
        .filter(([, count]) => count >= rarest)
        // Equal counts by name, so that the same texts give the same terms.
        .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
        .slice(0, mostTerms)
    )
  })
  return {
    terms: found.map((its) => its.map(([term]) => term)),
    idf: Float32Array.from(found.flat(), ([, count]) => Math.log(1 + rows.length / count)),
  }
}

/** Makes what weighs the terms of texts: by TF-IDF, where a term counts once, and the terms of a field of a text have length 1. */
export function termWeigher({ terms, idf }: TextVocabulary): (fields: readonly (readonly string[])[]) => WeighedTerms {
  let first = 0
  const numbers = terms.map((names) => {
    const its = new Map(names.map((name, i) => [name, first + i]))
    first += names.length
    return its
  })
  return (fields) => {
    const rowCount = fields[0]?.length ?? 0
    const offsets = new Int32Array(rowCount + 1)
    const columns: number[] = []
    const values: number[] = []
    for (let row = 0; row < rowCount; row++) {
      for (const [field, texts] of fields.entries()) {
        const known = textTerms(texts[row]!).flatMap((term) => numbers[field]!.get(term) ?? [])
        const length = Math.sqrt(known.reduce((sum, term) => sum + idf[term]! ** 2, 0))
        for (const term of known) {
          columns.push(term)
          values.push(idf[term]! / length)
        }
      }
      offsets[row + 1] = columns.length
    }
    return { offsets, columns: Int32Array.from(columns), values: Float32Array.from(values) }
  }
}

/** The different words and pairs of neighbouring words of a text. */
function textTerms(text: string): readonly string[] {
  const words = wordsOf(text.slice(0, longest))
  return [...new Set([...words, ...words.slice(1).map((word, i) => `${words[i]!} ${word}`)])]
}
