import type { UserIndex } from '../datasets/interactions.ts'

/** Anything that can order the catalogue for a user: a baseline here, or the neural model. */
export interface Recommender {
  readonly name: string
  /**
   * Writes one score per item; higher is better, and only the order within a user means anything.
   *
   * @param user    row of the training data; a recommender that needs only the history ignores it
   * @param history items the user has seen, oldest first; may be empty
   * @param scores  `[items]`, overwritten
   */
  score(user: UserIndex, history: Int32Array, scores: Float32Array): void
}

/** For each item its best neighbours: what serving retrieves candidates from. */
export interface NeighbourLists {
  readonly k: number
  /** `[items · k]` row-major, best first; −1 pads. */
  readonly items: Int32Array
  /** `[items · k]`; 0 pads. */
  readonly scores: Float32Array
}
