import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  MlflowApiError,
  MlflowAuthError,
  MlflowClient,
  type MlflowClientOptions,
  MlflowConnectionError,
  type MlflowError,
  MlflowNotFoundError,
} from '../src/index.ts'

interface Call {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}
type Answer = (response: ServerResponse, call: Call) => void

const json =
  (status: number, body: object): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
const text =
  (status: number, body: string): Answer =>
  (response) =>
    void response.writeHead(status).end(body)
const hangUp: Answer = (response) => void response.socket?.destroy()
const silence: Answer = () => {}

const poolExhausted = json(400, { error_code: 'BAD_REQUEST', message: 'QueuePool limit of size 5 overflow 10 reached' })
const run = json(200, { run: { info: { run_id: 'r1', status: 'RUNNING' }, data: {} } })

const open: { close(): void }[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** A server that gives the answers in order, the last one again and again, and a client of it. */
async function serverAnswering(answers: readonly Answer[], options: Partial<MlflowClientOptions> = {}) {
  const calls: Call[] = []
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method = '', url = '', headers } = request
    const call = { method, path: url, authorization: headers.authorization, body }
    calls.push(call)
    answers[Math.min(calls.length, answers.length) - 1]!(response, call)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: () => server.closeAllConnections() }, server)
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { calls, uri, mlflow: new MlflowClient({ uri, retryDelayMs: 1, ...options }) }
}

describe('a caller that gives up', () => {
  it('gets an error at once from a server that is silent, and from every later call', async () => {
    const stopping = new AbortController()
    const { mlflow, calls } = await serverAnswering([silence], { signal: stopping.signal })
    const waiting = mlflow.runs.get('r1')
    await expect.poll(() => calls.length).toBe(1)
    stopping.abort()
    await expect(waiting).rejects.toThrow(MlflowConnectionError)
    await expect(mlflow.runs.get('r1')).rejects.toThrow('given up')
    expect(calls).toHaveLength(1)
  })

  it('is not kept for the next repetition', async () => {
    const stopping = new AbortController()
    const options = { signal: stopping.signal, retryDelayMs: 5000 }
    const { mlflow, calls } = await serverAnswering([hangUp], { ...options, onRetry: () => stopping.abort() })
    const startedAt = performance.now()
    await expect(mlflow.runs.get('r1')).rejects.toThrow('given up')
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(calls).toHaveLength(1)
  })
})

describe('repetition', () => {
  for (const [fault, answer] of [
    ['a lost connection', hangUp],
    ['an exhausted database pool', poolExhausted],
    ['a gateway error in HTML', text(502, '<html>Bad gateway</html>')],
  ] as const) {
    it(`sends a harmless call again after ${fault}`, async () => {
      const { mlflow, calls } = await serverAnswering([answer, answer, run])
      expect((await mlflow.runs.get('r1')).info.runId).toBe('r1')
      expect(calls.length).toBe(3)
    })
  }

  it('does not create a run twice after a lost connection', async () => {
    const { mlflow, calls } = await serverAnswering([hangUp, run])
    const error = await mlflow.runs.create({ experimentId: '1' }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(MlflowConnectionError)
    expect((error as MlflowConnectionError).neverSent).toBe(false)
    expect(calls.length).toBe(1)
  })

  it('does create a run after the server asked to slow down', async () => {
    const { mlflow, calls } = await serverAnswering([text(429, 'slow down'), run])
    expect((await mlflow.runs.create({ experimentId: '1' })).info.runId).toBe('r1')
    expect(calls.length).toBe(2)
  })

  it('gives up after the given number, and tells of each', async () => {
    const told: string[] = []
    const onRetry = (error: MlflowError, attempt: number): void => void told.push(`${attempt} ${error.name}`)
    const { mlflow, calls } = await serverAnswering([text(503, 'down')], { retries: 2, onRetry })
    await expect(mlflow.runs.get('r1')).rejects.toThrow('503: down')
    expect(calls.length).toBe(3)
    expect(told).toEqual(['1 MlflowApiError', '2 MlflowApiError'])
  })

  it('does not repeat a refusal', async () => {
    const { mlflow, calls } = await serverAnswering([
      json(400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'bad' }),
    ])
    await expect(mlflow.runs.get('r1')).rejects.toThrow('400 INVALID_PARAMETER_VALUE: bad')
    expect(calls.length).toBe(1)
  })

  it('sends a metric again with the same timestamp', async () => {
    const { mlflow, calls } = await serverAnswering([hangUp, json(200, {})])
    await mlflow.runs.logMetric('r1', 'loss', 0.5)
    expect(calls.length).toBe(2)
    expect(calls[1]!.body).toBe(calls[0]!.body)
  })

  it('opens an uploaded file anew', async () => {
    const { mlflow, calls } = await serverAnswering([hangUp, text(200, '')])
    await mlflow.artifacts.uploadFile('mlflow-artifacts:/1/r1/artifacts', 'self.ts', import.meta.filename)
    expect(calls[1]!.body).toContain('opens an uploaded file anew')
  })
})

describe('timeouts', () => {
  it('end a call that gets no answer', async () => {
    const { mlflow } = await serverAnswering([silence], { timeoutMs: 50, retries: 0 })
    await expect(mlflow.runs.get('r1')).rejects.toThrow(/no answer from .* within 50 ms/)
  })

  it('end a body that breaks off', async () => {
    const brokenBody: Answer = (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"run":')
      setTimeout(() => response.socket?.destroy(), 10)
    }
    const { mlflow, calls } = await serverAnswering([brokenBody, run])
    expect((await mlflow.runs.get('r1')).info.runId).toBe('r1')
    expect(calls.length).toBe(2)
  })
})

describe('a server that is not there', () => {
  it('is named, and the call is known never to have been sent', async () => {
    const { uri } = await serverAnswering([run])
    for (const server of open.splice(0)) server.close()
    const mlflow = new MlflowClient({ uri, retries: 1, retryDelayMs: 1 })
    const error = await mlflow.runs.create({ experimentId: '1' }).catch((e: unknown) => e)
    expect(error).toMatchObject({ name: 'MlflowConnectionError', neverSent: true })
    expect(String(error)).toContain(`cannot reach ${uri} (ECONNREFUSED)`)
  })
})

describe('credentials', () => {
  it('move from the address into a header, and appear in no error', async () => {
    const { uri, calls } = await serverAnswering([text(401, 'You are not authenticated')])
    const withCredentials = uri.replace('//', '//ann:p%40ss@')
    const mlflow = new MlflowClient(withCredentials)
    const error = await mlflow.runs.get('r1').catch((e: unknown) => e)
    expect(error).toBeInstanceOf(MlflowAuthError)
    expect(String(error)).not.toContain('p%40ss')
    expect(mlflow.uri).toBe(uri)
    // base64 of "ann:p@ss"
    expect(calls[0]!.authorization).toBe('Basic YW5uOnBAc3M=')
  })

  it('may be a bearer token', async () => {
    const { mlflow, calls } = await serverAnswering([run], { token: 'abc' })
    await mlflow.runs.get('r1')
    expect(calls[0]!.authorization).toBe('Bearer abc')
  })
})

describe('errors', () => {
  it('say what to do about an unknown Host name', async () => {
    const { mlflow } = await serverAnswering([
      text(403, 'Invalid Host header - possible DNS rebinding attack detected'),
    ])
    await expect(mlflow.runs.get('r1')).rejects.toThrow('--allowed-hosts')
  })

  it('take the words out of an HTML page', async () => {
    const { mlflow } = await serverAnswering([text(404, '<title>404</title><h1>Not Found</h1>')])
    const error = await mlflow.runs.get('r1').catch((e: unknown) => e)
    expect(error).toBeInstanceOf(MlflowNotFoundError)
    expect(error).toMatchObject({ code: undefined, status: 404 })
    expect(String(error)).toContain('404 Not Found')
  })

  it('read the detail of the artifact service', async () => {
    const { mlflow } = await serverAnswering([json(400, { detail: 'is a directory' })])
    await expect(mlflow.artifacts.download('mlflow-artifacts:/1/r/artifacts', 'd')).rejects.toThrow('is a directory')
  })

  it('make an unknown alias, which comes as 400, no alias', async () => {
    const unknownAlias = {
      error_code: 'INVALID_PARAMETER_VALUE',
      message: 'Registered model alias champion not found.',
    }
    const { mlflow } = await serverAnswering([json(400, unknownAlias)])
    expect(await mlflow.registeredModels.getByAlias('m', 'champion')).toBeUndefined()
  })

  it('do not make another 400 for an alias no alias', async () => {
    const reserved = { error_code: 'INVALID_PARAMETER_VALUE', message: 'latest is reserved' }
    const { mlflow } = await serverAnswering([json(400, reserved)])
    await expect(mlflow.registeredModels.getByAlias('m', 'latest')).rejects.toThrow(MlflowApiError)
  })
})

describe('addresses', () => {
  it('may have a path of their own', async () => {
    const { uri, calls } = await serverAnswering([run])
    await new MlflowClient(`${uri}/mlflow/`).runs.get('r1')
    expect(calls[0]!.path).toBe('/mlflow/api/2.0/mlflow/runs/get?run_id=r1')
  })
})

describe('what is sent', () => {
  it('has snake_case keys, NaN as text, and no cut of keys in tags', async () => {
    const { mlflow, calls } = await serverAnswering([json(200, {})])
    await mlflow.runs.logBatch('r1', {
      metrics: [{ key: 'valLoss', value: Number.NaN, timestamp: 5, step: 1 }],
      tags: [{ key: 'myTag', value: 'x' }],
    })
    expect(JSON.parse(calls[0]!.body)).toEqual({
      run_id: 'r1',
      metrics: [{ key: 'valLoss', value: 'NaN', timestamp: 5, step: 1 }],
      params: [],
      tags: [{ key: 'myTag', value: 'x' }],
    })
  })
})
