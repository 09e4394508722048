import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Logger, silentLogger } from '../../../log.ts'
import { writeArtifact } from '../../../models/artifact/write-artifact.ts'
import { withFolderLock } from '../../../models/registry/folder-lock.ts'
import { openLocalRegistry } from '../../../models/registry/local-registry.ts'
import type { ModelRegistry } from '../../../models/registry/model-registry.ts'
import { sampleArtifact } from '../../support/sample-artifact.ts'

const child = resolve(import.meta.dirname, '../../support/register-loop.ts')

let dir: string
let artifact: string
let modelDir: string
let registry: ModelRegistry
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'local-registry-'))
  artifact = join(dir, 'artifact')
  modelDir = join(dir, 'registry/recommender')
  registry = openLocalRegistry(join(dir, 'registry'), { actor: 'ann' })
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const startChild = (times: number) =>
  spawn(process.execPath, ['--import', 'tsx/esm', child, join(dir, 'registry'), artifact, String(times)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

describe('a kill during a registration', () => {
  it('leaves no half version, and the next registration takes the lock over and cleans up', async () => {
    const big = { filler: { shape: [20_000_000], data: new Float32Array(20_000_000) } }
    await writeArtifact(artifact, { ...sampleArtifact(), arrays: big })
    const process = startChild(100)
    const unfinished = async (): Promise<boolean> =>
      (await readdir(join(modelDir, 'versions')).catch(() => [])).some((name) => name.includes('.tmp-'))
    while (!(await unfinished())) await sleep(1)
    process.kill('SIGKILL')
    await once(process, 'close')
    expect(await unfinished()).toBe(true)
    expect(await readdir(modelDir)).toContain('.lock')

    const before = (await registry.list()).length
    const { version } = await registry.register(artifact, 'after the kill')
    expect(version).toBe(before + 1)
    expect((await registry.list()).map((found) => found.version)).toEqual(
      Array.from({ length: version }, (_, i) => i + 1),
    )
    expect((await readdir(join(modelDir, 'versions'))).length).toBe(version)
    expect((await registry.history()).length).toBe(version)
    expect(await readdir(modelDir)).not.toContain('.lock')
  })
})

describe('two processes that register at once', () => {
  it('get different versions, and both histories are kept', async () => {
    await writeArtifact(artifact, sampleArtifact())
    const both = [startChild(8), startChild(8)]
    let printed = ''
    for (const one of both) one.stdout.on('data', (chunk) => (printed += String(chunk)))
    await Promise.all(both.map((one) => once(one, 'close')))
    const versions = printed.trim().split('\n').map(Number)
    expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1))
    expect((await registry.history()).map(({ version }) => version)).toEqual(versions)
  })
})

describe('a local registry on a damaged disk', () => {
  beforeEach(async () => {
    await writeArtifact(artifact, sampleArtifact())
    for (let i = 0; i < 2; i++) await registry.register(artifact, `reason ${i}`)
  })

  it('still lists the versions that are whole', async () => {
    await truncate(join(modelDir, 'versions/1/manifest.json'), 10)
    expect((await registry.list()).map(({ version }) => version)).toEqual([2])
    await expect(registry.get('recommender', 1)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
  })

  it('does not hand out a version whose files changed', async () => {
    await appendFile(join(modelDir, 'versions/2/model.onnx'), 'x')
    await expect(registry.fetch('recommender', 2)).rejects.toThrow(/model\.onnx: expected \d+ bytes, got \d+/)
  })

  describe('whose manifest was changed', () => {
    const path = (): string => join(modelDir, 'versions/1/manifest.json')
    beforeEach(async () => {
      const manifest = JSON.parse(await readFile(path(), 'utf8'))
      manifest.metrics[0].model.value = 0.9999
      manifest.synthetic = !manifest.synthetic
      await writeFile(path(), JSON.stringify(manifest))
    })

    it('is not read, promoted, handed out or listed, and the error tells', async () => {
      const refused = {
        code: 'ARTIFACT_INVALID',
        message: expect.stringMatching(/manifest\.json: expected sha256 .*, got/),
      }
      await expect(registry.get('recommender', 1)).rejects.toMatchObject(refused)
      await expect(registry.promote('recommender', 1, 'forged')).rejects.toMatchObject(refused)
      await expect(registry.fetch('recommender', 1)).rejects.toMatchObject(refused)
      expect((await registry.list()).map(({ version }) => version)).toEqual([2])
      expect(await registry.champion('recommender')).toBeUndefined()
    })

    it('is no champion, and can be rolled back from', async () => {
      await registry.promote('recommender', 2, 'good')
      const { version } = await registry.register(artifact, 'third')
      await registry.promote('recommender', version, 'better')
      await appendFile(join(modelDir, 'versions/3/manifest.json'), ' ')
      await expect(registry.champion('recommender')).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
      expect((await registry.rollback('recommender', 'forged')).version).toBe(2)
    })

    it('is accepted with a warning where no checksum of it was kept', async () => {
      const state = JSON.parse(await readFile(join(modelDir, 'aliases.json'), 'utf8'))
      delete state.manifestSha256
      await writeFile(join(modelDir, 'aliases.json'), JSON.stringify(state))
      const warnings: string[] = []
      const warn = (_: unknown, message: string): void => void warnings.push(message)
      const log = { ...silentLogger, warn } as Logger
      const old = openLocalRegistry(join(dir, 'registry'), { actor: 'ann', log })
      await old.get('recommender', 1)
      await old.fetch('recommender', 1)
      expect(warnings).toEqual([expect.stringContaining('version 1 of recommender was registered before')])
      // What is registered from now on is protected, and the old versions stay as they were.
      const { version } = await old.register(artifact, 'new')
      await appendFile(join(modelDir, `versions/${version}/manifest.json`), ' ')
      await expect(old.get('recommender', version)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
      expect((await old.get('recommender', 2)).version).toBe(2)
    })
  })

  it('restores an audit line that was cut off', async () => {
    const path = join(modelDir, 'audit.ndjson')
    const whole = await readFile(path, 'utf8')
    await truncate(path, whole.length - 20)
    expect((await registry.history()).map(({ reason }) => reason)).toEqual(['reason 0', 'reason 1'])
    await registry.refuse('recommender', 2, 'third')
    expect((await registry.history()).map(({ reason }) => reason)).toEqual(['reason 0', 'reason 1', 'third'])
  })

  it('says what to do when aliases.json is damaged', async () => {
    await writeFile(join(modelDir, 'aliases.json'), '{"champion":')
    await expect(registry.champion('recommender')).rejects.toMatchObject({
      code: 'REGISTRY_FAILED',
      message: expect.stringContaining('Restore it from a backup'),
    })
  })
})

describe('withFolderLock', () => {
  const lock = (): string => join(dir, 'lock')

  async function lockOf(owner: object): Promise<void> {
    await mkdir(lock())
    await writeFile(join(lock(), 'owner.json'), JSON.stringify(owner))
  }

  it('lets one at a time in', async () => {
    let inside = 0
    let most = 0
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside)
      await sleep(5)
      inside--
    }
    await Promise.all(Array.from({ length: 5 }, () => withFolderLock(lock(), work)))
    expect(most).toBe(1)
  })

  it('takes over the lock of a dead process', async () => {
    await lockOf({ pid: 2 ** 22 + 1, host: hostname(), token: 'gone' })
    expect(await withFolderLock(lock(), async () => 'mine')).toBe('mine')
  })

  it('takes over the lock of an earlier process with our own number, as in a restarted container', async () => {
    await lockOf({ pid: process.pid, host: hostname(), token: 'earlier' })
    expect(await withFolderLock(lock(), async () => 'mine')).toBe('mine')
  })

  it('waits for a living process, then names it and what to do', async () => {
    await lockOf({ pid: process.ppid, host: hostname(), token: 'other' })
    const waiting = withFolderLock(lock(), async () => 'mine', { waitMs: 100 })
    await expect(waiting).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(new RegExp(`locked by process ${process.ppid} .* delete`)),
    })
  })

  it('takes over the lock of another machine only when it is old', async () => {
    await lockOf({ pid: 1, host: 'elsewhere', token: 'other' })
    await expect(withFolderLock(lock(), async () => 'x', { waitMs: 50 })).rejects.toMatchObject({ code: 'CONFLICT' })
    await sleep(20)
    expect(await withFolderLock(lock(), async () => 'mine', { staleMs: 10 })).toBe('mine')
  })

  it('gives a sign of life while it is held, so that another host does not take it for left behind', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      await withFolderLock(lock(), async () => {
        await utimes(lock(), 0, 0)
        vi.advanceTimersByTime(30_000)
        await vi.waitFor(async () => expect((await stat(lock())).mtimeMs).toBeGreaterThan(0))
      })
    } finally {
      vi.useRealTimers()
    }
  })

  it('is released when the work fails', async () => {
    const failing = withFolderLock(lock(), async () => {
      throw new Error('broken')
    })
    await expect(failing).rejects.toThrow('broken')
    expect(await withFolderLock(lock(), async () => 'mine', { waitMs: 0 })).toBe('mine')
  })
})
