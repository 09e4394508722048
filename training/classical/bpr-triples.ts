import type { Random } from '../backend/random.ts'
import type { SparseMatrix } from './sparse-matrix.ts'
import { transpose } from './user-item-matrix.ts'

export interface TripleSampler {
  /** Pairs of a user and an item they like: the triples of an epoch. */
  readonly count: number
  /**
   * Draws triples (user, liked item, other item).
   *
   * @param triples `[≥ 3·count]`, overwritten
   * @returns how many were drawn: fewer where a user likes everything, and no other item was found
   */
  draw(triples: Int32Array, count: number): number
}

/** Draws in vain until a user counts as one who likes everything. */
const attempts = 20

/**
 * Triples for pairwise ranking: a pair drawn uniformly from all that are liked (weight above 0), and an item that the user does not like:
 * one they dislike (weight below 0) every second time where there is any, else uniformly from those they do not like.
 */
export function createTripleSampler(byUser: SparseMatrix, itemCount: number, random: Random): TripleSampler {
  const userCount = byUser.offsets.length - 1
  const liked = ofSign(byUser, itemCount, 1)
  const disliked = ofSign(byUser, itemCount, -1)
  const userOf = new Int32Array(liked.columns.length)
  for (let user = 0; user < userCount; user++) userOf.fill(user, liked.offsets[user], liked.offsets[user + 1])

  const otherItem = (user: number): number => {
    const [from, to] = [disliked.offsets[user]!, disliked.offsets[user + 1]!]
    if (to > from && random.uniform() < 0.5) return disliked.columns[from + random.int(to - from)]!
    for (let attempt = 0; attempt < attempts; attempt++) {
      const item = random.int(itemCount)
      if (!rowHas(liked, user, item)) return item
    }
    return -1
  }
  return {
    count: liked.columns.length,
    draw(triples, count) {
      let drawn = 0
      for (let i = 0; i < count; i++) {
        const pair = random.int(userOf.length)
        const other = otherItem(userOf[pair]!)
        if (other < 0) continue
        triples[3 * drawn] = userOf[pair]!
        triples[3 * drawn + 1] = liked.columns[pair]!
        triples[3 * drawn + 2] = other
        drawn++
      }
      return drawn
    },
  }
}

/** The entries of one sign; columns ascending in each row. */
function ofSign({ offsets, columns, values }: SparseMatrix, columnCount: number, sign: 1 | -1): SparseMatrix {
  const kept = new Int32Array(offsets.length)
  for (let row = 0; row < offsets.length - 1; row++) {
    kept[row + 1] = kept[row]!
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) if (values[at]! * sign > 0) kept[row + 1]!++
  }
  const chosen = {
    offsets: kept,
    columns: columns.filter((_, at) => values[at]! * sign > 0),
    values: values.filter((value) => value * sign > 0),
  }
  // Twice transposed: the columns of each row are then in order.
  return transpose(transpose(chosen, columnCount), offsets.length - 1)
}

/** Whether a row has a column, by bisection. */
function rowHas({ offsets, columns }: SparseMatrix, row: number, column: number): boolean {
  let low = offsets[row]!
  let high = offsets[row + 1]!
  while (low < high) {
    const middle = (low + high) >> 1
    if (columns[middle]! < column) low = middle + 1
    else high = middle
  }
  return low < offsets[row + 1]! && columns[low] === column
}
