import { sumTerms, type TextEncoder } from '../../features/transforms/text-encoder.ts'
import { fitTextVocabulary, termWeigher } from '../../features/transforms/text-vocabulary.ts'
import { createRandom } from '../backend/random.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import { fitTextEffects, textScore } from '../estimators/text-effects.ts'
import { rightSingularVectors } from '../linear-algebra/right-singular-vectors.ts'

export interface TextEncoderOptions {
  /** Directions of variance, at most. */
  readonly directions: number
  readonly seed: number
  readonly signal: AbortSignal
}

const folds = 5
const strengths = [0.5, 2, 8, 32, 128]
/** Products for the directions: rough ones serve as well. */
const rounds = 3

/**
 * Fits an encoder on the training rows.
 *
 * @param fields   `[fields][rowCount]`, `''` = unknown
 * @param residual `[rowCount]`: what the other features leave unexplained; NaN does not count
 * @returns the encoder, and `[rowCount, width]` for all rows: values of training rows come from the other four of five consecutive blocks, so
 *          that whoever learns from them sees them as uncertain as those of new texts
 */
export async function fitTextEncoder(
  fields: readonly (readonly string[])[],
  residual: Float64Array,
  train: Int32Array,
  { directions, seed, signal }: TextEncoderOptions,
): Promise<{ readonly encoder: TextEncoder; readonly encoded: Float32Array }> {
  const vocabulary = fitTextVocabulary(fields, train)
  const x = termWeigher(vocabulary)(fields)
  const termCount = vocabulary.idf.length
  const { effects, values } = outOfFold(x, termCount, residual, train)
  const axes =
    Math.min(directions, termCount) === 0
      ? undefined
      : await rightSingularVectors(rowsOf(x, train), termCount, directions, rounds, createRandom(seed), signal)
  const width = 1 + (axes?.vectors.columns ?? 0)
  const table = new Float32Array(termCount * width)
  for (let term = 0; term < termCount; term++) {
    table[term * width] = effects[term]!
    if (axes === undefined) continue
    const { values: its, columns } = axes.vectors
    table.set(its.subarray(term * columns, (term + 1) * columns), term * width + 1)
  }
  const encoder = { vocabulary, width, table }
  const encoded = sumTerms(x, encoder)
  for (const row of train) encoded[row * width] = values[row]!
  return { encoder, encoded }
}

/** Effects of all training rows, and values of each training row by those of the other folds, with the strength that does best there. */
function outOfFold(
  x: SparseMatrix,
  termCount: number,
  residual: Float64Array,
  train: Int32Array,
): { readonly effects: Float64Array; readonly values: Float64Array } {
  const edge = (fold: number): number => Math.floor((fold * train.length) / folds)
  const others = (fold: number): Int32Array =>
    concatIndices(train.subarray(0, edge(fold)), train.subarray(edge(fold + 1)))
  const values = new Float64Array(residual.length)
  let best = Number.POSITIVE_INFINITY
  let chosen = strengths[0]!
  for (const strength of strengths) {
    const its = new Float64Array(residual.length)
    let error = 0
    for (let fold = 0; fold < folds; fold++) {
      const effects = fitTextEffects(x, termCount, residual, others(fold), strength)
      for (const row of train.subarray(edge(fold), edge(fold + 1))) {
        its[row] = textScore(x, row, effects)
        if (!Number.isNaN(residual[row]!)) error += (residual[row]! - its[row]!) ** 2
      }
    }
    if (error >= best) break
    best = error
    chosen = strength
    values.set(its)
  }
  return { effects: fitTextEffects(x, termCount, residual, train, chosen), values }
}

function rowsOf({ offsets, columns, values }: SparseMatrix, rows: Int32Array): SparseMatrix {
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i]! + offsets[row + 1]! - offsets[row]!
  })
  const its = { offsets: starts, columns: new Int32Array(starts.at(-1)!), values: new Float32Array(starts.at(-1)!) }
  rows.forEach((row, i) => {
    its.columns.set(columns.subarray(offsets[row]!, offsets[row + 1]!), starts[i]!)
    its.values.set(values.subarray(offsets[row]!, offsets[row + 1]!), starts[i]!)
  })
  return its
}
