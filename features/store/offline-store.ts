import type { EntityIds, FeatureMatrix } from '../definitions/feature-matrix.ts'
import type { FeatureService } from '../definitions/feature-view.ts'

/** Examples to fetch features for: entity ids and the moment of each example, seconds since 1970, UTC. */
export interface LabelRows extends EntityIds {
  readonly rowCount: number
  readonly at: Float64Array
}

/** Features as they were at past moments. */
export interface OfflineStore {
  /**
   * Point-in-time correct: every value comes from the latest snapshot at or before the example's moment, never from a row of the
   * marts written later; nothing older than the view's ttl counts. Examples of before the first snapshot have the defaults, count as
   * missing, and are told to the log.
   *
   * @returns rows in the order of `labels`
   * @throws AppError STORE_FAILED (no snapshots, or a truncated Parquet: the message names the file) | FEATURES_CHANGED
   */
  historicalFeatures(service: FeatureService, labels: LabelRows): Promise<FeatureMatrix>

  close(): Promise<void>
}
