import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { demoCommand } from '../../cli/demo.ts'
import { featuresCommand } from '../../cli/features.ts'
import { importCommand } from '../../cli/import.ts'
import { retrainCommand } from '../../cli/retrain.ts'
import { sampleCommand } from '../../cli/sample.ts'
import { silentLogger } from '../../log.ts'
import { withPipelineLock } from '../../pipelines/pipeline-lock.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'))
  path = join(folder, 'pipeline.lock')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function lockOf(pid: number, token = 'other'): Promise<void> {
  await mkdir(path)
  const owner = { pid, host: hostname(), token, since: '2026-11-01T00:00:00.000Z', what: 'features build' }
  await writeFile(join(path, 'owner.json'), JSON.stringify(owner))
}

const readLock = async (): Promise<unknown> => JSON.parse(await readFile(join(path, 'owner.json'), 'utf8'))

const hold = <T>(body: () => Promise<T>): Promise<T> => withPipelineLock(folder, 'sample', silentLogger, body)

describe('withPipelineLock', () => {
  it('says who holds it while the body runs, and is gone afterwards', async () => {
    expect(await hold(readLock)).toMatchObject({ pid: process.pid, what: 'sample' })
    await expect(readLock()).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('makes a DATA_DIR that is not there yet, and keeps what the body wrote', async () => {
    const dir = join(folder, 'new', 'data')
    await withPipelineLock(dir, 'sample', silentLogger, () => writeFile(join(dir, 'warehouse'), 'w'))
    expect(await readdir(dir)).toEqual(['warehouse'])
  })

  it('leaves no empty DATA_DIR behind when the body fails, and nothing of one that was there removed', async () => {
    const failed = (dir: string) => withPipelineLock(dir, 'sample', silentLogger, () => Promise.reject(new Error('no')))
    await expect(failed(join(folder, 'new', 'data'))).rejects.toThrow('no')
    await expect(failed(folder)).rejects.toThrow('no')
    expect(await readdir(folder)).toEqual([])
  })

  it('refuses while another living process holds it, and says what runs, since when and what to do', async () => {
    await lockOf(process.ppid)
    await expect(hold(async () => 'ran')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: new RegExp(
        `process ${process.ppid} .*features build, since 2026-11-01.*Wait.*delete the folder ${path}`,
      ),
    })
    expect(await readLock()).toMatchObject({ pid: process.ppid })
  })

  it('refuses a second command of this very process', async () => {
    await expect(hold(() => hold(async () => 'ran'))).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it.each([
    ['of a process that is gone', 2 ** 31 - 1],
    ['with our own number, as after the restart of a container', process.pid],
  ])('takes over a lock %s', async (_case, pid) => {
    await lockOf(pid)
    expect(await hold(async () => 'ran')).toBe('ran')
  })

  it('leaves the lock of another alone when its own was deleted by hand', async () => {
    await hold(async () => {
      await rename(path, `${path}-deleted`)
      await lockOf(process.ppid)
    })
    expect(await readLock()).toMatchObject({ pid: process.ppid })
  })
})

describe('a DATA_DIR whose lock is held', () => {
  /** Runs a command in this process: starting the whole program for each would take most of the test's time. */
  async function run(command: Command, args: readonly string[]): Promise<{ code: unknown; stderr: string }> {
    let stderr = ''
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += String(text)
      return true
    })
    vi.stubEnv('DATA_DIR', folder)
      .stubEnv('WAREHOUSE_URL', '')
      .stubEnv('REDIS_URL', '')
      .stubEnv('MLFLOW_TRACKING_URI', '')
    try {
      await command.parseAsync([...args], { from: 'user' })
      return { code: process.exitCode, stderr }
    } finally {
      process.exitCode = 0
      vi.unstubAllEnvs()
      spy.mockRestore()
    }
  }

  it.each([
    ['sample', sampleCommand, []],
    ['import events', importCommand, ['events']],
    ['import movielens', importCommand, ['movielens', 'nowhere']],
    ['import csv', importCommand, ['csv', 'dim_user', 'nowhere.csv']],
    ['features build', featuresCommand, ['build']],
    ['features materialise', featuresCommand, ['materialise']],
    ['retrain', retrainCommand, ['--once']],
    ['demo', demoCommand, []],
  ])(
    'is refused to %s, with CONFLICT',
    async (_name, command, args) => {
      await lockOf(process.ppid)
      const { code, stderr } = await run(command(), args)
      expect(stderr).toMatch(/^CONFLICT: .*features build, since/m)
      expect(code).toBe(1)
    },
    30_000,
  )
})
