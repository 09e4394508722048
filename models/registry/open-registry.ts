import { userInfo } from 'node:os'
import type { Config } from '../../config.ts'
import type { Logger } from '../../log.ts'
import { openLocalRegistry } from './local-registry.ts'
import { openMlflowRegistry } from './mlflow-registry.ts'
import type { ModelRegistry } from './model-registry.ts'

/**
 * The registry of the settings: MLflow when `MLFLOW_TRACKING_URI` is set, else the folder `DATA_DIR/registry`.
 *
 * @param signal when it aborts, calls to an MLflow server fail: nobody waits for one that hangs
 * @throws AppError REGISTRY_FAILED when the MLflow server cannot be reached
 */
export async function openRegistry(config: Config, log: Logger, signal?: AbortSignal): Promise<ModelRegistry> {
  const { mlflow, registryDir } = config
  if (mlflow !== undefined)
    return openMlflowRegistry({ ...mlflow, dir: registryDir, actor: currentUser(), log, signal })
  return openLocalRegistry(registryDir, { actor: currentUser(), log })
}

/** The name of the user who runs this process; `uid <n>` where the system has no name for it, as in many containers. */
export function currentUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
