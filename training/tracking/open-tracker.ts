import type { Config } from '../../config.ts'
import type { Logger } from '../../log.ts'
import { currentUser } from '../../models/registry/open-registry.ts'
import { openLocalTracker } from './local-tracker.ts'
import { openMlflowTracker } from './mlflow-tracker.ts'
import type { Tracker } from './tracker.ts'

/**
 * The tracker of the settings: MLflow when `MLFLOW_TRACKING_URI` is set, else the folder `DATA_DIR/runs`.
 *
 * @throws AppError REGISTRY_FAILED when the MLflow server cannot be reached
 */
export async function openTracker(config: Config, log: Logger): Promise<Tracker> {
  const { mlflow, runsDir } = config
  if (mlflow !== undefined) return openMlflowTracker({ ...mlflow, runsDir, user: currentUser(), log })
  return openLocalTracker(runsDir, log)
}
