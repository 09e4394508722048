import { MlflowConnectionError, MlflowError, MlflowInputError } from '#mlflow-client'
import { AppError, toAppError } from '../../errors.ts'

/** An error of the MLflow client as one of the product, saying what to do; other errors as `toAppError` has them. */
export function mlflowFailure(error: unknown, uri: string): AppError {
  if (error instanceof MlflowConnectionError) {
    return new AppError(
      'REGISTRY_FAILED',
      `MLflow at ${uri} gave no answer: ${error.message}. Start it or correct MLFLOW_TRACKING_URI; without that setting runs and models are kept in DATA_DIR.`,
      { cause: error },
    )
  }
  if (error instanceof MlflowInputError) return new AppError('INTERNAL', error.message, { cause: error })
  if (error instanceof MlflowError) {
    return new AppError('REGISTRY_FAILED', `MLflow at ${uri} refused: ${error.message}`, { cause: error })
  }
  return toAppError(error, 'REGISTRY_FAILED')
}
