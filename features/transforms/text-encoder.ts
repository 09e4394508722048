import { type TextVocabulary, termWeigher, type WeighedTerms } from './text-vocabulary.ts'

/**
 * How texts become numbers, for training and for serving: terms weighed by TF-IDF, and of these a value foretold by a linear model and the
 * first directions of their variance (latent semantic analysis, Deerwester et al. 1990). Both are sums over the terms of one table.
 */
export interface TextEncoder {
  readonly vocabulary: TextVocabulary
  /** Numbers per text. */
  readonly width: number
  /** `[terms, width]`, row-major: the value first, then the directions */
  readonly table: Float32Array
}

/** @returns what makes numbers of texts, `[fields][rows]` with `''` = unknown, as `[rows, width]` */
export function textEncoding(encoder: TextEncoder): (fields: readonly (readonly string[])[]) => Float32Array {
  const weigh = termWeigher(encoder.vocabulary)
  return (fields) => sumTerms(weigh(fields), encoder)
}

/** Σ weight · table[term] of each text; `[rows, width]`. */
export function sumTerms(
  { offsets, columns, values }: WeighedTerms,
  { table, width }: Pick<TextEncoder, 'table' | 'width'>,
): Float32Array {
  const rowCount = offsets.length - 1
  const sums = new Float32Array(rowCount * width)
  for (let row = 0; row < rowCount; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const from = columns[at]! * width
      for (let j = 0; j < width; j++) sums[row * width + j]! += values[at]! * table[from + j]!
    }
  }
  return sums
}
