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

/** What is posted. */
export interface LoadQuestion {
  readonly path: string
  readonly body: object
}

/** Whether wrk, the load generator, is installed. */
export const hasWrk = (): boolean => spawnSync('wrk', ['--version']).error === undefined

/**
 * Asks as fast as the server answers, over connections that are kept.
 *
 * @param questions asked in random order: a path to GET, or with a body of JSON to POST
 */
export async function load(
  url: string,
  questions: readonly (string | LoadQuestion)[],
  connections: number,
  seconds: number,
): Promise<LoadResult> {
  const dir = await mkdtemp(join(tmpdir(), 'contentflow-load-'))
  try {
    const script = join(dir, 'load.lua')
    await writeFile(script, luaScript(questions))
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

const luaScript = (questions: readonly (string | LoadQuestion)[]): string => `
local questions = { ${questions.map(luaQuestion).join(', ')} }
local headers = { ["content-type"] = "application/json" }
request = function()
  local q = questions[math.random(#questions)]
  if q[2] then return wrk.format("POST", q[1], headers, q[2]) end
  return wrk.format("GET", q[1])
end
done = function(summary, latency)
  local e = summary.errors
  print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), e.status + e.connect + e.read + e.write + e.timeout))
end
`

/** A table of path and body; what JSON and Lua write alike: ASCII strings in double quotes. */
function luaQuestion(question: string | LoadQuestion): string {
  if (typeof question === 'string') return `{ ${JSON.stringify(question)} }`
  return `{ ${JSON.stringify(question.path)}, ${JSON.stringify(JSON.stringify(question.body))} }`
}
