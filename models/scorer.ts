/** A named batch for a model: row-major values and their shape. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}

export type Tensors = Readonly<Record<string, Tensor>>

/** The one interface of a loaded model: a batch in, scores out. */
export interface Scorer {
  /** @throws AppError INPUT_INVALID when a name, dtype or shape is not what the model declares */
  score(inputs: Tensors): Promise<Tensors>
  close(): Promise<void>
}

/**
 * Opens the network of an artifact folder, and refuses it unless it reproduces its golden batch.
 *
 * @throws AppError ARTIFACT_INVALID
 */
export type OpenScorer = (artifactDir: string) => Promise<Scorer>
