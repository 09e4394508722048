import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../log.ts'
import { isRunning, withProcessLock } from '../../pipelines/process-lock.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'))
  path = join(folder, 'pipeline.lock')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('withProcessLock', () => {
  it('holds a file with this process while the body runs, and removes it afterwards', async () => {
    const inside = await withProcessLock(path, 'pipeline', silentLogger, async () =>
      JSON.parse(await readFile(path, 'utf8')),
    )
    expect(inside).toMatchObject({ pid: process.pid })
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('removes the file when the body fails, and passes the error on', async () => {
    const failing = withProcessLock(path, 'pipeline', silentLogger, () => Promise.reject(new Error('no luck')))
    await expect(failing).rejects.toThrow('no luck')
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('refuses while another living process holds it, names that process, and leaves its file', async () => {
    await writeFile(path, JSON.stringify({ pid: process.ppid, since: '2026-11-01T00:00:00.000Z' }))
    const refused = withProcessLock(path, 'pipeline', silentLogger, async () => 'ran')
    await expect(refused).rejects.toMatchObject({ code: 'CONFLICT', message: new RegExp(`process ${process.ppid} `) })
    expect(await readFile(path, 'utf8')).toContain(String(process.ppid))
  })

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 31 - 1, since: 'yesterday' })],
    ['that was cut off while being written', '{"pid": 12'],
    ['with our own id, as after the restart of a container', JSON.stringify({ pid: process.pid, since: 'yesterday' })],
  ])('takes over a lock %s', async (_case, content) => {
    await writeFile(path, content)
    expect(await withProcessLock(path, 'pipeline', silentLogger, async () => 'ran')).toBe('ran')
  })
})

describe('isRunning', () => {
  it('tells the living from the gone', () => {
    expect(isRunning(process.pid)).toBe(true)
    expect(isRunning(2 ** 31 - 1)).toBe(false)
  })
})
