import type { Matrix } from '../backend/linear-algebra.ts'
import type { Random } from '../backend/random.ts'
import { itemVectors } from '../classical/item-vectors.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import type { ItemContent } from '../families/family.ts'
import { rightSingularVectors } from '../linear-algebra/right-singular-vectors.ts'
import { sparseTimesDense } from '../linear-algebra/sparse-times-dense.ts'

/** How much each kind of content says: as `content` weighs them, the recommender by content alone. */
const weights = { wordWeight: 0.5, nGramWeight: 1, categoryWeight: 1, numberWeight: 0.5 }
const rounds = 3

/**
 * The content of each item in a few numbers: X·V, with X the items' terms (item-vectors.ts) and V its first right singular vectors
 * (latent semantic analysis, Deerwester et al. 1990), scaled so that the numbers' mean square over items with content is 1.
 *
 * @param size numbers per item, at most; fewer where the content has fewer dimensions
 * @returns `[items, ≤ size]`; zeros for an item of which nothing is known. No columns where nothing is known of any
 * @throws the signal's reason
 */
export async function contentNumbers(
  content: ItemContent,
  size: number,
  random: Random,
  signal: AbortSignal,
): Promise<Matrix> {
  const { matrix, columnCount } = withoutEmptyColumns(itemVectors(content, weights))
  const items = content.texts.length
  if (columnCount === 0) return { rows: items, columns: 0, values: new Float32Array(0) }
  const { vectors } = await rightSingularVectors(matrix, columnCount, size, rounds, random, signal)
  const numbers = sparseTimesDense(matrix, vectors)
  let squares = 0
  for (const value of numbers.values) squares += value ** 2
  let described = 0
  for (let item = 0; item < items; item++) if (matrix.offsets[item + 1]! > matrix.offsets[item]!) described++
  const scale = Math.sqrt((described * numbers.columns) / squares)
  for (let at = 0; at < numbers.values.length; at++) numbers.values[at]! *= scale
  return numbers
}

/** Hashed terms leave most columns empty; vectors as long as the number of columns would cost memory for nothing. */
function withoutEmptyColumns({ offsets, columns, values, terms }: SparseMatrix & { readonly terms: number }): {
  matrix: SparseMatrix
  columnCount: number
} {
  const newColumn = new Int32Array(terms).fill(-1)
  let columnCount = 0
  const kept = columns.map((column) => {
    if (newColumn[column] === -1) newColumn[column] = columnCount++
    return newColumn[column]!
  })
  return { matrix: { offsets, columns: kept, values }, columnCount }
}
