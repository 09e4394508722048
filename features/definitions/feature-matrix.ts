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

/** Features as the online store gives them, which also says of whom nothing is known. */
export interface OnlineFeatures extends FeatureMatrix {
  /** 1 for each example of which no view has a row: a view may leave out entities whose fields are all at their defaults. `[rowCount]` */
  readonly missingRows: Uint8Array
}

/** Ids of the same n examples, one list per entity that the service's views need; `''` is an unknown entity. */
export interface EntityIds {
  readonly user?: readonly string[]
  readonly content?: readonly string[]
  readonly creator?: readonly string[]
}
