import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { multiply } from '../../training/backend/linear-algebra.ts'
import { createRandom } from '../../training/backend/random.ts'
import type { Interactions } from '../../training/datasets/interactions.ts'
import type { HeldOut } from '../../training/datasets/interactions-split.ts'
import { rankUsers } from '../../training/evaluation/rank-users.ts'
import { rankingMetrics } from '../../training/evaluation/ranking-metrics.ts'
import type { Scorable } from '../../training/evaluation/score-users.ts'

// How long a full ranking of every user over every item takes, by factors: scores, history left out, the best 20, recall and NDCG.
// Beside it NumPy (and implicit, where that Python has it) on the same factors and histories. See README.md.

const { values: flags } = parseArgs({
  options: {
    users: { type: 'string', default: '30000' },
    items: { type: 'string', default: '41000' },
    size: { type: 'string', default: '64' },
    history: { type: 'string', default: '27' },
    python: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const [userCount, itemCount, size, historyLength] = [flags.users, flags.items, flags.size, flags.history].map(
  Number,
) as [number, number, number, number]
const k = 20
const random = createRandom(1)
const factors = (rows: number): Float32Array => Float32Array.from({ length: rows * size }, () => random.normal())
const drawn = (): Int32Array => Int32Array.from({ length: historyLength }, () => random.int(itemCount))
const userFactors = factors(userCount)
const itemFactors = factors(itemCount)
const fitted: Interactions = {
  users: Array.from({ length: userCount }, (_, user) => String(user)),
  items: Array.from({ length: itemCount }, (_, item) => String(item)),
  offsets: Int32Array.from({ length: userCount + 1 }, (_, user) => user * historyLength),
  itemIndices: Int32Array.from({ length: userCount * historyLength }, () => random.int(itemCount)),
  times: new Float64Array(userCount * historyLength),
}
const heldOut: HeldOut = {
  users: Int32Array.from({ length: userCount }, (_, user) => user),
  items: Array.from({ length: userCount }, drawn),
}
const recommender: Scorable = {
  name: 'factors',
  score: () => undefined,
  async scoreMany(users, _histories, scores) {
    const rows = new Float32Array(users.length * size)
    for (const [row, user] of users.entries())
      rows.set(userFactors.subarray(user * size, (user + 1) * size), row * size)
    const a = { rows: users.length, columns: size, values: rows }
    await multiply(a, { rows: itemCount, columns: size, values: itemFactors }, { transposeB: true, out: scores })
  },
}

interface Measured {
  readonly name: string
  readonly seconds: number
  readonly cpuSeconds: number
  /** Most memory that the process held, MB. */
  readonly peakMb: number
  /** Mean recall@20: the same for all, up to near ties. */
  readonly recall: number
}

async function measureOurs(): Promise<Measured> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  const lists = await rankUsers(recommender, fitted, heldOut, k)
  let recall = 0
  for (const [i, list] of lists.entries()) {
    const relevant = new Set(heldOut.items[i])
    recall += rankingMetrics.recall!(list, relevant, k)
    rankingMetrics.ndcg!(list, relevant, k)
  }
  const { user, system } = process.cpuUsage(cpu)
  return {
    name: 'rankUsers',
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    recall: recall / lists.length,
  }
}

/** The same in Python, in its own process; each library that it has is one line of JSON. */
function measurePython(python: string): Measured[] {
  const dir = mkdtempSync(join(tmpdir(), 'full-ranking-'))
  try {
    const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
      new Uint8Array(buffer, byteOffset, byteLength)
    writeFileSync(join(dir, 'users'), bytes(userFactors))
    writeFileSync(join(dir, 'items'), bytes(itemFactors))
    writeFileSync(join(dir, 'history'), bytes(fitted.itemIndices))
    writeFileSync(join(dir, 'relevant'), bytes(Int32Array.from(heldOut.items.flatMap((items) => [...items]))))
    const script = join(import.meta.dirname, 'full-ranking.py')
    const out = execFileSync(python, [script, dir, String(userCount), String(itemCount), String(k)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Measured)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const ours = await measureOurs()
const all = [ours, ...(flags.python === undefined ? [] : measurePython(flags.python))]
if (flags.json) process.stdout.write(`${JSON.stringify({ userCount, itemCount, size, k, measured: all })}\n`)
else {
  const line = ({ name, seconds, cpuSeconds, peakMb, recall }: Measured): string =>
    [
      name.padEnd(12),
      seconds.toFixed(1).padStart(8),
      cpuSeconds.toFixed(1).padStart(8),
      String(peakMb).padStart(8),
      recall.toFixed(6).padStart(10),
      (cpuSeconds / ours.cpuSeconds).toFixed(2).padStart(8),
    ].join(' ')
  process.stdout.write(
    `${[
      `Full ranking, ${userCount} users × ${itemCount} items, ${size} factors, first ${k}`,
      `${''.padEnd(12)}  seconds    CPU s  peak MB  recall@20  × our CPU`,
      ...all.map(line),
    ].join('\n')}\n`,
  )
}
