/** Features of n examples for one service, ready for a model. */
export interface FeatureMatrix {
  readonly rowCount: number
  /** `[rowCount, number of float32 fields]`, row-major, in the service's order. */
  readonly numeric: Float32Array
  /** `[number of category fields][rowCount]`, in the service's order. */
  readonly categorical: readonly (readonly string[])[]
  /** Entity rows that did not exist; their features are the defaults. */
  readonly missing: number
  /** Entity rows older than their view's ttl; their features are the defaults. */
  readonly stale: number
}

/** Ids of the same n examples, one list per entity that the service's views need; `''` is an unknown entity. */
export interface EntityIds {
  readonly user?: readonly string[]
  readonly content?: readonly string[]
  readonly creator?: readonly string[]
}
