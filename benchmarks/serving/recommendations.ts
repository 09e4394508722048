import { cpus, loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hasWrk, type LoadResult, load } from './load.ts'
import { cpuMicroseconds, type Server, startServer, startService, stopServer } from './server-process.ts'

// What does ContentFlow add to a bare Express route? See README.md beside this file.

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: './data' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
  },
})
const connections = Number(values.connections)
const seconds = Number(values.seconds)

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
const service = await startService(values.data)
const { users } = (await (await fetch(`${service.url}/v1/users?limit=100`)).json()) as { users: string[] }
const paths = users.map((user) => `/v1/users/${encodeURIComponent(user)}/recommendations?limit=10`)
const sample = await (await fetch(`${service.url}${paths[0]}`)).text()
const bare = await startServer([resolve(import.meta.dirname, 'bare-express.mjs'), String(sample.length)])

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
await stopServer(service)
await stopServer(bare)
