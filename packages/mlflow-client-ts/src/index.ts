export { Artifacts } from './artifacts.ts'
export { type BatchInput, batchLimits, type MetricInput, textLimits } from './batches.ts'
export { MlflowClient } from './client.ts'
export {
  MlflowAlreadyExistsError,
  MlflowApiError,
  MlflowAuthError,
  MlflowConnectionError,
  MlflowError,
  MlflowInputError,
  MlflowNotFoundError,
} from './errors.ts'
export { Experiments } from './experiments.ts'
export { LoggedModels } from './logged-models.ts'
export { ModelVersions } from './model-versions.ts'
export { filterText } from './pages.ts'
export { RegisteredModels } from './registered-models.ts'
export { Runs } from './runs.ts'
export type { MlflowClientOptions } from './transport.ts'
export type * from './types.ts'
