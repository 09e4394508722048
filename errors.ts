/** Every way in which ContentFlow refuses work, and what it means; the HTTP status and the exit code follow from it. */
export const errorMeanings = {
  CONFIG_INVALID: 'a setting or flag is wrong',
  INPUT_INVALID: 'a request body, file or row is wrong',
  NOT_FOUND: 'the named thing does not exist',
  CONFLICT: 'the state does not allow this now',
  UNAUTHENTICATED: 'no or a wrong API key',
  TOO_LARGE: 'a body, a range or a model above its limit',
  TOO_BUSY: 'shed load: try again later',
  WAREHOUSE_MISSING: 'no marts to read',
  WAREHOUSE_FAILED: 'the warehouse refused or broke off',
  MART_INVALID: 'marts break their contract',
  DATA_INSUFFICIENT: 'too little data to do this honestly',
  STORE_FAILED: 'the offline or online feature store failed',
  ARTIFACT_INVALID: 'a model artifact is damaged, or is not what this code expects',
  FEATURES_CHANGED: 'a model was trained on another version of its feature service',
  MODEL_MISSING: 'no version of the model is champion yet',
  REGISTRY_FAILED: 'the model registry or the tracking server failed',
  DISK_FULL: 'no space left',
  CANCELLED: 'stopped by a signal',
  INTERNAL: 'a bug',
} as const

export type ErrorCode = keyof typeof errorMeanings

export interface ErrorOptions {
  readonly cause?: unknown
  /** Machine-readable facts, e.g. `{ field: 'limit', got: 0 }`; shown in problem documents and in `--json` output. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** The one error of the product. Its message says what was expected, what came, and what to do. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}

/** A disk, a quota and the limit of a file's size end alike: Node gives the code, DuckDB only the system's words. */
const fullDisk = {
  codes: new Set(['ENOSPC', 'EDQUOT', 'EFBIG']),
  messages: /no space left on device|disk quota exceeded|\bfile too large\b/i,
}

/** Wraps anything thrown into an AppError: full disks and cancellations are recognised, the rest is `fallback`. */
export function toAppError(error: unknown, fallback: ErrorCode = 'INTERNAL'): AppError {
  if (error instanceof AppError) return error
  const message = error instanceof Error ? error.message : String(error)
  const systemCode = error instanceof Error && 'code' in error ? error.code : undefined
  if (fullDisk.codes.has(String(systemCode)) || fullDisk.messages.test(message)) {
    return new AppError(
      'DISK_FULL',
      `No space left on the disk, or in what this user may write: ${message}. Free some space (or raise the quota or \`ulimit -f\`) and run this again.`,
      { cause: error },
    )
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return new AppError('CANCELLED', 'Stopped by a signal; the last good state is kept.', { cause: error })
  }
  return new AppError(fallback, message, { cause: error })
}
