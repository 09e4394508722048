/** What training costs from half a million to 20 million interactions: `tsx benchmarks/training/scale.ts`. See README.md. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import type { PartRequest, PartResult } from './scale/part.ts'
import { scaleMarkdown } from './scale/scale-markdown.ts'
import { scaleSvg } from './scale/scale-svg.ts'
import { writeInteractions } from './scale/write-interactions.ts'

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '2500000,5000000,10000000,20000000' },
    items: { type: 'string', default: '50000' },
    parts: { type: 'string', default: 'warehouse,ials,spectral,two-tower' },
    write: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const sizes = flags.sizes.split(',').map(Number)
const parts = flags.parts.split(',')

const dir = await mkdtemp(join(os.tmpdir(), 'contentflow-scale-'))
try {
  const results: PartResult[] = []
  for (const interactions of sizes) {
    const world = { interactions, users: Math.ceil(interactions / 100), items: Number(flags.items) }
    const trainFile = join(dir, 'train.txt')
    const testFile = join(dir, 'test.txt')
    await writeInteractions(world, trainFile, testFile)
    const { size } = await stat(trainFile)
    const { users, items } = world
    console.error(`${interactions} interactions, ${users} users, ${items} items: a file of ${size >> 20} MB`)
    for (const part of parts) {
      const result = await runPart({ part, world, trainFile, testFile })
      results.push(result)
      console.error(JSON.stringify(result))
    }
  }
  const markdown = scaleMarkdown(results)
  console.log(flags.json ? JSON.stringify(results) : markdown)
  if (flags.write !== undefined) {
    await writeFile(join(flags.write, 'scale.md'), markdown)
    await writeFile(join(flags.write, 'scale.svg'), scaleSvg(results))
  }
} finally {
  await rm(dir, { recursive: true, force: true })
}

/** One part in a process of its own, so that its memory is its own. */
async function runPart(request: PartRequest): Promise<PartResult> {
  const file = join(import.meta.dirname, 'scale', 'part.ts')
  const child = spawn(process.execPath, [...process.execArgv, file, JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`${request.part} ended with ${code}; its message is above.`)
  return JSON.parse(output.trim().split('\n').at(-1)!) as PartResult
}
