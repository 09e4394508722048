import { cpus } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { hasWrk, load } from '../serving/load.ts'
import { startService, stopServer } from '../serving/server-process.ts'

// How long does one prediction take through HTTP, at 16 connections? See README.md.

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: './data' },
    connections: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
if (!hasWrk()) {
  process.stderr.write('This benchmark needs wrk: apt-get install wrk (Debian, Ubuntu), brew install wrk (macOS).\n')
  process.exit(1)
}
const titles = [
  'Live: a blues turnaround',
  'Why does everyone talk about the lemon tart?',
  'Ten minutes of rain',
  'Fingerpicking 101',
]
const drafts = Array.from({ length: 40 }, (_, i) => ({
  creatorId: `creator-${1 + (i % 20)}`,
  title: titles[i % titles.length]!,
  durationSeconds: 60 + 30 * i,
}))
const service = await startService(flags.data)
const results = []
try {
  for (const model of ['engagement', 'virality']) {
    const questions = drafts.map((body) => ({ path: `/v1/predictions/${model}`, body }))
    // Until the compiler is done with the hot code.
    await load(service.url, questions, Number(flags.connections), 3)
    for (let round = 0; round < Number(flags.rounds); round++) {
      results.push({ model, ...(await load(service.url, questions, Number(flags.connections), Number(flags.seconds))) })
    }
  }
} finally {
  await stopServer(service)
}
if (flags.json) process.stdout.write(`${JSON.stringify(results)}\n`)
else {
  console.log(`${flags.connections} connections, wrk on the same ${cpus().length} cores (${cpus()[0]?.model})`)
  for (const { model, requestsPerSecond, p50Ms, p99Ms, failed } of results) {
    console.log(
      `${model.padEnd(12)} ${requestsPerSecond.toFixed(0).padStart(6)} a second, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ${failed} failed`,
    )
  }
}
