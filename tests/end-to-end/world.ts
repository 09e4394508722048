import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'vitest'
import { runCommand, startCommand } from '../support/command.ts'

type Json = Record<string, unknown>

/** Runs one command to its end and fails with its own words when it fails. */
export async function succeed(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const result = await runCommand(args, env)
  expect(result.code, `contentflow ${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toBe(0)
  return result.stdout
}

export interface RunningService {
  get(path: string): Promise<{ status: number; body: Json }>
  post(path: string, body: unknown): Promise<{ status: number; body: Json }>
  stop(): Promise<number | null>
}

/** Starts `contentflow serve` and waits until it is ready. */
export async function serve(env: Readonly<Record<string, string>>, port: number): Promise<RunningService> {
  const url = `http://127.0.0.1:${port}`
  const child = startCommand(['serve'], { ...env, PORT: String(port) })
  let output = ''
  child.stderr?.on('data', (chunk) => {
    output += String(chunk)
  })
  await untilReady(url, child, () => output)
  const call = async (path: string, init?: RequestInit): Promise<{ status: number; body: Json }> => {
    const response = await fetch(url + path, init)
    return { status: response.status, body: (await response.json()) as Json }
  }
  return {
    get: (path) => call(path),
    post: (path, body) =>
      call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    async stop() {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      const [code] = await closed
      return code
    },
  }
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 150; attempt++) {
    if (child.exitCode !== null) throw new Error(`the service ended with code ${child.exitCode}:\n${output()}`)
    const response = await fetch(`${url}/readyz`).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`the service was not ready within 30 seconds:\n${output()}`)
}
