export type UserIndex = number
export type ItemIndex = number

/** Who interacted with what, in the order of time; users as rows of a sparse matrix (CSR). */
export interface Interactions {
  /** Id of each user index. */
  readonly users: readonly string[]
  /** Id of each item index. */
  readonly items: readonly string[]
  /** `[users + 1]`: the interactions of user u are at offsets[u] … offsets[u + 1] − 1, oldest first. */
  readonly offsets: Int32Array
  /** `[interactions]`: item index of each. */
  readonly itemIndices: Int32Array
  /** `[interactions]`: seconds since 1970, UTC; the position in its list where no time is known. */
  readonly times: Float64Array
  /**
   * `[interactions]`: how much each says. A view says less than a like; 0 says nothing, a negative number dislike. All count 1 when absent.
   */
  readonly weights?: Float32Array
}

/** The items a user has interacted with, oldest first; a view, not a copy. */
export const historyOf = ({ offsets, itemIndices }: Interactions, user: UserIndex): Int32Array =>
  itemIndices.subarray(offsets[user]!, offsets[user + 1]!)
