import type { Config } from '../../config.ts'
import type { Logger } from '../../log.ts'
import { openLocalTracker } from './local-tracker.ts'
import type { Tracker } from './tracker.ts'

/**
 * The tracker of the settings: MLflow when `MLFLOW_TRACKING_URI` is set, else the folder `DATA_DIR/runs`.
 *
 * @throws AppError REGISTRY_FAILED when the MLflow server cannot be reached
 */
export async function openTracker(config: Config, log: Logger): Promise<Tracker> {
  return openLocalTracker(config.runsDir, log)
}
