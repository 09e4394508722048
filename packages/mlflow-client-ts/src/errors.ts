/** Any failure of a call to MLflow. `call` is method and path, without credentials and query. */
export class MlflowError extends Error {
  override readonly name: string = 'MlflowError'
  readonly call: string

  constructor(call: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.call = call
  }
}

/** What was asked is not possible, and was not sent. */
export class MlflowInputError extends MlflowError {
  override readonly name = 'MlflowInputError'
}

/** No answer: the server is not there, went away, or took longer than the timeout. The call may have had its effect. */
export class MlflowConnectionError extends MlflowError {
  override readonly name = 'MlflowConnectionError'
  /** True when the connection was never made, so that the call cannot have had an effect. */
  readonly neverSent: boolean

  constructor(call: string, message: string, neverSent: boolean, cause?: unknown) {
    super(call, message, cause)
    this.neverSent = neverSent
  }
}

/** The server answered with an error. */
export class MlflowApiError extends MlflowError {
  override readonly name: string = 'MlflowApiError'
  readonly status: number
  /** MLflow's `error_code`, e.g. `INVALID_PARAMETER_VALUE`; undefined when the body was not MLflow's JSON. */
  readonly code: string | undefined

  constructor(call: string, status: number, code: string | undefined, message: string) {
    super(call, message)
    this.status = status
    this.code = code
  }
}

/** Experiment, run, model, version, alias or file does not exist. */
export class MlflowNotFoundError extends MlflowApiError {
  override readonly name = 'MlflowNotFoundError'
}

/** The name is taken, also by a deleted experiment. */
export class MlflowAlreadyExistsError extends MlflowApiError {
  override readonly name = 'MlflowAlreadyExistsError'
}

/** 401 or 403: wrong credentials, no permission, or a Host header the server does not know. */
export class MlflowAuthError extends MlflowApiError {
  override readonly name = 'MlflowAuthError'
}

/** The error of an answer that is not 2xx; its body may be MLflow's JSON, other JSON, text or HTML. */
export function apiError(call: string, status: number, body: string): MlflowApiError {
  const { code, message } = parseBody(body)
  const text = `${call}: ${status}${code === undefined ? '' : ` ${code}`}: ${message}`
  if (status === 401) return new MlflowAuthError(call, status, code, `${text} (check user and password)`)
  if (status === 403) return new MlflowAuthError(call, status, code, text + hint403(message))
  // An unknown alias comes as 400 INVALID_PARAMETER_VALUE.
  const unknownAlias = code === 'INVALID_PARAMETER_VALUE' && /^Registered model alias .* not found/.test(message)
  if (status === 404 || code === 'RESOURCE_DOES_NOT_EXIST' || unknownAlias) {
    return new MlflowNotFoundError(call, status, code, text)
  }
  if (code === 'RESOURCE_ALREADY_EXISTS') return new MlflowAlreadyExistsError(call, status, code, text)
  return new MlflowApiError(call, status, code, text)
}

const hint403 = (message: string): string =>
  /invalid host/i.test(message) ? ' (start the server with --allowed-hosts for the name you use)' : ''

function parseBody(body: string): { code: string | undefined; message: string } {
  try {
    const json = JSON.parse(body) as { error_code?: unknown; message?: unknown; detail?: unknown }
    if (typeof json.error_code === 'string') return { code: json.error_code, message: String(json.message ?? '') }
    if (json.detail !== undefined) return { code: undefined, message: String(json.detail) }
  } catch {
    // Proxies, Flask and the auth layer answer in text or HTML.
  }
  const text = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return { code: undefined, message: text === '' ? 'empty answer' : text.slice(0, 300) }
}
