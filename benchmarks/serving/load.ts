import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface LoadResult {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers that were not 2xx, and broken connections. */
  readonly failed: number
}

/** Whether wrk, the load generator, is installed. */
export const hasWrk = (): boolean => spawnSync('wrk', ['--version']).error === undefined

/**
 * Asks for random paths as fast as the server answers, over connections that are kept.
 *
 * @param paths asked for in random order
 */
export async function load(
  url: string,
  paths: readonly string[],
  connections: number,
  seconds: number,
): Promise<LoadResult> {
  const dir = await mkdtemp(join(tmpdir(), 'contentflow-load-'))
  try {
    const script = join(dir, 'load.lua')
    await writeFile(script, luaScript(paths))
    const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url]
    const { stdout } = await promisify(execFile)('wrk', flags)
    const [requests, durationUs, p50Us, p99Us, failed] = /RESULT (.*)/.exec(stdout)![1]!.split(' ').map(Number)
    return {
      requestsPerSecond: requests! / (durationUs! / 1e6),
      p50Ms: p50Us! / 1000,
      p99Ms: p99Us! / 1000,
      failed: failed!,
    }
  } finally {
    await rm(dir, { recursive: true })
  }
}

const luaScript = (paths: readonly string[]): string => `
local paths = { ${paths.map((path) => JSON.stringify(path)).join(', ')} }
request = function() return wrk.format("GET", paths[math.random(#paths)]) end
done = function(summary, latency)
  local e = summary.errors
  print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), e.status + e.connect + e.read + e.write + e.timeout))
end
`
