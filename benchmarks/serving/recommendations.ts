import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hasWrk, type LoadResult, load } from './load.ts'

// What does ContentFlow add to a bare Express route? See README.md beside this file.

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: './data' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
  },
})
const root = resolve(import.meta.dirname, '../..')
const connections = Number(values.connections)
const seconds = Number(values.seconds)

interface Server {
  readonly url: string
  readonly process: ChildProcess
}

/** Starts a server in a process of its own and waits for the address that it prints. */
async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Server> {
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

async function stop({ process: child }: Server): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
}

/** Processor time a server has used so far, µs (Linux; NaN elsewhere): steadier than throughput where cores are shared. */
function cpuMicroseconds({ process: { pid } }: Server): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000 // user + system, in ticks of 10 ms
  } catch {
    return Number.NaN
  }
}

interface Measured extends LoadResult {
  readonly cpuPerRequest: number
}

async function measure(server: Server, paths: readonly string[]): Promise<Measured> {
  const before = cpuMicroseconds(server)
  const result = await load(server.url, paths, connections, seconds)
  const cpuPerRequest = (cpuMicroseconds(server) - before) / (result.requestsPerSecond * seconds)
  return { ...result, cpuPerRequest }
}

const row = (name: string, { requestsPerSecond, p50Ms, p99Ms, failed, cpuPerRequest }: Measured): string =>
  `${name.padEnd(34)} ${cpuPerRequest.toFixed(0).padStart(8)} ${requestsPerSecond.toFixed(0).padStart(8)} ${p50Ms.toFixed(1).padStart(8)} ${p99Ms.toFixed(1).padStart(8)} ${String(failed).padStart(7)}`

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

if (!hasWrk()) {
  process.stderr.write('This benchmark needs wrk: apt-get install wrk (Debian, Ubuntu), brew install wrk (macOS).\n')
  process.exit(1)
}
const service = await start([resolve(root, 'cli/contentflow.mjs'), 'serve'], {
  DATA_DIR: resolve(values.data),
  PORT: '0',
  LOG_LEVEL: 'warn',
})
const { users } = (await (await fetch(`${service.url}/v1/users?limit=100`)).json()) as { users: string[] }
const paths = users.map((user) => `/v1/users/${encodeURIComponent(user)}/recommendations?limit=10`)
const sample = await (await fetch(`${service.url}${paths[0]}`)).text()
const bare = await start([resolve(import.meta.dirname, 'bare-express.mjs'), String(sample.length)])

const { ranking, model } = JSON.parse(sample) as { ranking: string; model: { version: number } | null }
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}; ${users.length} users, answers of ${sample.length} bytes`,
)
console.log(
  `ranking: ${ranking}, neu-mf version ${model?.version ?? 'none'}; wrk on the same cores, ${connections} connections\n`,
)
console.log(
  `${''.padEnd(34)} ${'CPU µs'.padStart(8)} ${'per s'.padStart(8)} ${'p50 ms'.padStart(8)} ${'p99 ms'.padStart(8)} ${'failed'.padStart(7)}`,
)
const ratios: number[] = []
const added: number[] = []
// Until the compiler is done with the hot code: some thousand requests.
await load(service.url, paths, connections, Math.max(5, seconds))
await load(bare.url, paths, connections, 2)
for (let round = 1; round <= Number(values.rounds); round++) {
  // Turn by turn, so that neither is always the one that meets a warmer machine.
  const first = round % 2 === 1 ? await measure(bare, paths) : undefined
  const recommended = await measure(service, paths)
  const constant = first ?? (await measure(bare, paths))
  console.log(row(`${round}  bare Express, a constant`, constant))
  console.log(row(`${round}  ContentFlow, recommendations`, recommended))
  ratios.push(recommended.requestsPerSecond / constant.requestsPerSecond)
  added.push(recommended.cpuPerRequest - constant.cpuPerRequest)
}
console.log(`\nload average at the end: ${loadavg()[0]!.toFixed(1)} (about 2 are this benchmark's own)`)
console.log(`throughput: ${median(ratios).toFixed(2)}× the bare route (median of ${ratios.length} rounds)`)
console.log(`added: ${median(added).toFixed(0)} µs of processor time per request`)
await stop(service)
await stop(bare)
