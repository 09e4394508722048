import { setTimeout as sleep } from 'node:timers/promises'
import { apiError, MlflowApiError, MlflowConnectionError, type MlflowError } from './errors.ts'
import { fromWire, toWire } from './wire.ts'

export interface MlflowClientOptions {
  /** e.g. `http://127.0.0.1:5000` or `https://user:password@host/mlflow`; credentials move into a header. */
  readonly uri: string
  readonly username?: string
  readonly password?: string
  /** Bearer token, for a proxy in front of the server. */
  readonly token?: string
  /** Longest wait for the answer of one attempt, ms. Default 30,000. Files have ten times as long. */
  readonly timeoutMs?: number
  /** How often a failed call is repeated where that is safe. Default 4. */
  readonly retries?: number
  /** First wait before a repetition, ms; doubles each time, with jitter, up to 5 s. Default 200. */
  readonly retryDelayMs?: number
  /** When it aborts, calls under way fail with `MlflowConnectionError`, and so do later ones; nothing is repeated. */
  readonly signal?: AbortSignal
  /** Told of each repetition, for a log. */
  readonly onRetry?: (error: MlflowError, attempt: number) => void
}

type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

export interface CallOptions {
  readonly query?: Query
  /** Sent as JSON, keys in snake_case. */
  readonly body?: object
  /** Sent as it is; made anew for each attempt. */
  readonly raw?: () => Promise<Uint8Array | ReadableStream<Uint8Array>> | Uint8Array
  /** Whether sending the call twice does no harm. */
  readonly repeatable: boolean
  readonly timeoutMs?: number
}

/** Sends calls: authentication, timeouts, errors, and repetitions where they are safe. */
export class Transport {
  readonly #base: string
  readonly #authorization: string | undefined
  readonly #options: Required<Pick<MlflowClientOptions, 'timeoutMs' | 'retries' | 'retryDelayMs'>> & MlflowClientOptions

  constructor(options: MlflowClientOptions) {
    const url = new URL(options.uri)
    this.#authorization = authorization(url, options)
    // fetch refuses credentials in a URL, and its error would show the password.
    url.username = ''
    url.password = ''
    this.#base = url.href.replace(/\/+$/, '')
    this.#options = { timeoutMs: 30_000, retries: 4, retryDelayMs: 200, ...options }
  }

  /** The server's address without credentials and trailing slash. */
  get base(): string {
    return this.#base
  }

  /** A JSON call. `T` is the shape MLflow documents for it, keys in camelCase. */
  async json<T>(method: string, path: string, call: CallOptions): Promise<T> {
    const response = await this.send(method, path, call, (answer) => answer.text())
    return (response === '' ? {} : fromWire(JSON.parse(response))) as T
  }

  /**
   * @param path from the server's root, segments encoded, e.g. `/api/2.0/mlflow/runs/create`
   * @param read takes the body; a failure in it counts as a failure of the call
   * @throws MlflowApiError | MlflowConnectionError
   */
  async send<T>(method: string, path: string, call: CallOptions, read: (response: Response) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attempt(method, path, call, read)
      } catch (thrown) {
        const error = thrown as MlflowError
        const { signal } = this.#options
        if (attempt >= this.#options.retries || signal?.aborted || !mayRepeat(error, call.repeatable)) throw error
        this.#options.onRetry?.(error, attempt + 1)
        const delay = Math.min(5000, this.#options.retryDelayMs * 2 ** attempt)
        // When it aborts, the next attempt fails at once and says so.
        await sleep(delay * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined)
      }
    }
  }

  async #attempt<T>(
    method: string,
    path: string,
    call: CallOptions,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const name = `${method} ${path}`
    const timeoutMs = call.timeoutMs ?? this.#options.timeoutMs
    const headers: Record<string, string> = { accept: 'application/json' }
    if (this.#authorization !== undefined) headers.authorization = this.#authorization
    if (call.body !== undefined) headers['content-type'] = 'application/json'
    else if (call.raw !== undefined) headers['content-type'] = 'application/octet-stream'
    const body = call.body === undefined ? await call.raw?.() : JSON.stringify(toWire(call.body))
    // By hand: `AbortSignal.any` keeps each of its signals alive as long as the caller's, and a service calls for months.
    const { signal } = this.#options
    const ending = new AbortController()
    const giveUp = (): void => ending.abort()
    const timer = setTimeout(() => ending.abort(new DOMException('timeout', 'TimeoutError')), timeoutMs)
    signal?.addEventListener('abort', giveUp, { once: true })
    if (signal?.aborted) giveUp()
    try {
      const response = await fetch(this.#base + path + queryText(call.query), {
        method,
        headers,
        signal: ending.signal,
        ...(body === undefined ? {} : { body, duplex: 'half' as const }),
      })
      if (!response.ok) throw apiError(name, response.status, await response.text())
      return await read(response)
    } catch (error) {
      throw error instanceof MlflowApiError ? error : connectionError(name, this.#base, timeoutMs, error)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
  }
}

function authorization(url: URL, { username, password, token }: MlflowClientOptions): string | undefined {
  if (token !== undefined) return `Bearer ${token}`
  const user = username ?? decodeURIComponent(url.username)
  if (user === '') return undefined
  const secret = password ?? decodeURIComponent(url.password)
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
}

function queryText(query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    for (const entry of Array.isArray(value) ? value : [value]) {
      if (entry !== undefined) parameters.append(key, String(entry))
    }
  }
  return parameters.size === 0 ? '' : `?${parameters}`
}

/** Faults that pass: of the network, of a gateway, and MLflow's exhausted database pool, which comes as 400. */
function mayRepeat(error: MlflowError, repeatable: boolean): boolean {
  if (error instanceof MlflowConnectionError) return repeatable || error.neverSent
  if (!(error instanceof MlflowApiError)) return false
  if (error.status === 429) return true
  return repeatable && (error.status >= 500 ? error.status !== 501 : /QueuePool limit/.test(error.message))
}

function connectionError(call: string, base: string, timeoutMs: number, thrown: unknown): MlflowConnectionError {
  const error = thrown as Error & { cause?: { code?: string; message?: string } }
  if (error.name === 'TimeoutError') {
    return new MlflowConnectionError(call, `${call}: no answer from ${base} within ${timeoutMs} ms`, false, error)
  }
  if (error.name === 'AbortError') {
    return new MlflowConnectionError(call, `${call}: given up, as its caller asked`, false, error)
  }
  const code = error.cause?.code
  const neverSent = code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN'
  const reason = code ?? error.cause?.message ?? error.message
  return new MlflowConnectionError(call, `${call}: cannot reach ${base} (${reason})`, neverSent, error)
}
