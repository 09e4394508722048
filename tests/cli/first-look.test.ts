import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { doctorCommand } from '../../cli/doctor.ts'
import { modelsCommand } from '../../cli/models.ts'
import { sampleCommand } from '../../cli/sample.ts'
import { runInProcess } from '../support/in-process-command.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'first-look-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('commands that only look, in an empty DATA_DIR', () => {
  it.each([
    ['doctor', doctorCommand, ['--json']],
    ['models list', modelsCommand, ['list']],
    ['models history', modelsCommand, ['history']],
  ] as const)('%s: leaves nothing behind', async (_name, command, args) => {
    const { stdout } = await runInProcess(command(), args, { DATA_DIR: dir, PORT: '0' })
    expect(stdout).not.toBe('')
    expect(await readdir(dir)).toEqual([])
  })

  it('doctor: says that there is no online store yet, and how to fill it', async () => {
    const { stdout } = await runInProcess(doctorCommand(), ['--json'], { DATA_DIR: dir, PORT: '0' })
    const findings: { subject: string }[] = JSON.parse(stdout)
    expect(findings.find(({ subject }) => subject === 'online store')).toEqual({
      subject: 'online store',
      state: 'warning',
      found: 'lmdb: there is none yet',
      advice: expect.stringContaining('features materialise'),
    })
  })
})

describe('contentflow sample', () => {
  it.each([
    ['--seed', 'abc', '--seed is "abc"; expected a whole number, from 0 to 4294967295.'],
    ['--seed', '-1', '--seed is "-1"; expected a whole number, from 0 to 4294967295.'],
    ['--seed', '', '--seed is ""; expected a whole number, from 0 to 4294967295.'],
    ['--days', '13', '--days is "13"; expected a whole number, from 14 to 365.'],
    ['--days', '20.5', '--days is "20.5"; expected a whole number, from 14 to 365.'],
  ])('refuses %s %j with what it got and what it expected', async (option, value, message) => {
    const result = await runInProcess(sampleCommand(), [`${option}=${value}`], { DATA_DIR: dir })
    expect(result.code).toBe(2)
    expect(result.stderr).toContain(message)
    expect(await readdir(dir)).toEqual([])
  })
})
