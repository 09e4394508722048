import { join } from 'node:path'
import process from 'node:process'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { importCommand } from '../../cli/import.ts'
import { martsCommand } from '../../cli/marts.ts'
import { createImportWorld, type ImportWorld } from '../support/import-world.ts'
import { hostileIds, smallWorld, writeSmallWorld } from '../support/small-world.ts'

let world: ImportWorld
let env: { DATA_DIR: string }
beforeAll(async () => {
  world = await createImportWorld()
  env = { DATA_DIR: join(world.folder, 'data') }
  await writeSmallWorld(world.warehouse)
})
afterAll(() => world.remove())

/** Runs a command in this process: starting the whole program for each would take most of the test's time. */
async function run(command: Command, args: readonly string[], dataDir = env.DATA_DIR) {
  const output = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      output[stream] += String(text)
      return true
    }),
  )
  vi.stubEnv('DATA_DIR', dataDir).stubEnv('WAREHOUSE_URL', '')
  try {
    await command.parseAsync([...args], { from: 'user' })
    return { code: process.exitCode ?? 0, ...output }
  } finally {
    process.exitCode = 0
    vi.unstubAllEnvs()
    for (const spy of spies) spy.mockRestore()
  }
}

describe('contentflow marts and import', () => {
  it('marts check, of a sound world, exits with 0; of one with an orphan, with 1', async () => {
    const sound = await run(martsCommand(), ['check'])
    expect(sound).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/fct_interactions +9 +2026-03-01 +2026-03-09 +ok/),
    })
    const broken = { ...smallWorld, dim_content: smallWorld.dim_content!.filter(([id]) => id !== hostileIds.content) }
    await writeSmallWorld(join(world.folder, 'broken', 'warehouse.duckdb'), 'marts', broken)
    const found = await run(martsCommand(), ['check', '--json'], join(world.folder, 'broken'))
    expect(found.code).toBe(1)
    const reports = JSON.parse(found.stdout)
    expect(reports).toHaveLength(8)
    expect(reports[3].problems).toEqual([
      {
        severity: 'error',
        kind: 'orphan',
        column: 'content_id',
        rows: 2,
        message: 'content_id must be in dim_content.content_id',
      },
    ])
  })

  it('import csv, with a map, prints what it did; a file of another form exits with 2', async () => {
    const file = await world.file('people.csv', 'visitor,agreed\nx,true\ny,perhaps\n')
    const map = ['--map', 'user_id=visitor', 'consent_personalization=agreed']
    const done = await run(importCommand(), ['csv', 'dim_user', file, ...map])
    expect(done.stderr).not.toContain('Error')
    expect(done).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 rows written, 0 unchanged, 1 records rejected'),
    })
    expect(done.stdout).toContain('expected consent_personalization as boolean')
    const json = await run(importCommand(), ['csv', 'dim_user', file, ...map, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ read: 2, written: 0, unchanged: 1, rejected: 1 })
    const wrong = await run(importCommand(), ['csv', 'dim_user', file])
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('missing: user_id, consent_personalization'),
    })
  })

  it('marts check without a warehouse exits with 3 and says how to get one', async () => {
    const result = await run(martsCommand(), ['check'], join(world.folder, 'none'))
    expect(result).toMatchObject({ code: 3, stderr: expect.stringContaining('WAREHOUSE_MISSING') })
  })
})
