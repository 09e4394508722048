import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyArtifact } from '../../../models/artifact/read-artifact.ts'
import { writeArtifact } from '../../../models/artifact/write-artifact.ts'
import { openLocalRegistry } from '../../../models/registry/local-registry.ts'
import type { ModelRegistry } from '../../../models/registry/model-registry.ts'
import { sampleArtifact } from '../../support/sample-artifact.ts'

const child = resolve(import.meta.dirname, '../../support/kill-at-write.ts')

let dir: string
let artifact: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kill-at-write-'))
  artifact = join(dir, 'artifact')
  await writeArtifact(artifact, sampleArtifact())
  const registry = openLocalRegistry(join(dir, 'before'), { actor: 'ann' })
  for (const reason of ['first', 'second']) await registry.register(artifact, reason)
  await registry.promote('recommender', 1, 'good')
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** One fresh registry per step, its child killed at that step; two at a time until a child got to its end. */
async function killAtEachStep(
  action: 'promote' | 'register',
  what: string,
  check: (registry: ModelRegistry, modelDir: string) => Promise<void>,
): Promise<number> {
  const run = async (step: number): Promise<boolean> => {
    const home = join(dir, `${action}-${step}`)
    await cp(join(dir, 'before'), home, { recursive: true })
    const options = ['--import', 'tsx/esm', child, home, String(step), action, what]
    const started = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] })
    let printed = ''
    started.stdout.on('data', (chunk) => (printed += String(chunk)))
    const [, signal] = await once(started, 'close')
    if (printed === 'done') return true
    expect(signal).toBe('SIGKILL')
    await check(openLocalRegistry(home, { actor: 'ann' }), join(home, 'recommender'))
    return false
  }
  for (let step = 1; ; step += 2) {
    const [first, second] = await Promise.all([run(step), run(step + 1)])
    if (first) return step - 1
    if (second) return step
  }
}

/** No trace of the killed one but what a waiting process may also have: the folder from which it would have made its lock. */
async function expectTidy(modelDir: string, versions: readonly string[]): Promise<void> {
  const names = (await readdir(modelDir)).filter((name) => !/^\.lock\..+/.test(name))
  expect(names.sort()).toEqual(['aliases.json', 'audit.ndjson', 'versions'])
  expect((await readdir(join(modelDir, 'versions'))).sort()).toEqual(versions)
}

describe.skipIf(process.platform === 'win32')('a kill -9 at any step on the disk', () => {
  it('of a promotion: leaves the champion of before or after, with its audit line, and a rerun works', async () => {
    let [before, after] = [0, 0]
    const steps = await killAtEachStep('promote', '2', async (registry, modelDir) => {
      const champion = (await registry.champion('recommender'))?.version
      expect([1, 2]).toContain(champion)
      if (champion === 1) before++
      else after++
      expect((await registry.history()).at(-1)).toMatchObject({ action: 'promote', version: champion })
      await registry.promote('recommender', 2, 'again')
      expect((await registry.champion('recommender'))?.version).toBe(2)
      expect((await registry.rollback('recommender', 'back')).version).toBe(1)
      await expectTidy(modelDir, ['1', '2'])
    })
    // The lock, the new state written, renamed and synced, the audit line, the lock released: both sides of the rename were met.
    expect(steps).toBeGreaterThanOrEqual(6)
    expect(Math.min(before, after)).toBeGreaterThan(0)
  })

  it('of a registration: leaves whole versions only, the champion as it was, and a rerun works', async () => {
    let [before, after] = [0, 0]
    const steps = await killAtEachStep('register', artifact, async (registry, modelDir) => {
      const versions = (await registry.list()).map(({ version }) => version)
      if (versions.length === 2) before++
      else after++
      expect(versions).toEqual([1, 2, 3].slice(0, versions.length))
      expect((await registry.champion('recommender'))?.version).toBe(1)
      const { version } = await registry.register(artifact, 'again')
      expect(version).toBe(versions.length + 1)
      await verifyArtifact(await registry.fetch('recommender', version))
      expect((await registry.history()).filter(({ action }) => action === 'register').length).toBe(version)
      await expectTidy(
        modelDir,
        Array.from({ length: version }, (_, i) => String(i + 1)),
      )
    })
    expect(steps).toBeGreaterThanOrEqual(10)
    expect(Math.min(before, after)).toBeGreaterThan(0)
  })
})
