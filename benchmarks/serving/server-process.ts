import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** A server in a process of its own. */
export interface Server {
  readonly url: string
  readonly process: ChildProcess
}

/** Starts a server in a process of its own and waits for the address that it prints. */
export async function startServer(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  for await (const chunk of child.stdout!) {
    output += String(chunk)
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
    if (url !== undefined) return { url, process: child }
  }
  throw new Error(`${args[0]} ended before it served: ${output}`)
}

export async function stopServer({ process: child }: Server): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
}

/** Processor time a server has used so far, µs (Linux; NaN elsewhere): steadier than throughput where cores are shared. */
export function cpuMicroseconds({ process: { pid } }: Server): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000 // user + system, in ticks of 10 ms
  } catch {
    return Number.NaN
  }
}

/** The service on a data folder, on a free port. */
export const startService = (data: string): Promise<Server> =>
  startServer([resolve(root, 'cli/contentflow.mjs'), 'serve'], {
    DATA_DIR: resolve(data),
    PORT: '0',
    LOG_LEVEL: 'warn',
  })
