import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LmdbStore } from '../../../features/store/lmdb-store.ts'
import { versionsPrefix } from '../../../features/store/online-keys.ts'
import type { OnlineStore } from '../../../features/store/online-store.ts'
import { openOnlineStore } from '../../../features/store/open-online-store.ts'
import { runCommand, startCommand } from '../../support/command.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'

describe('LMDB online store', () => {
  let world: FeatureWorld
  let store: OnlineStore
  let path: string
  let env: Record<string, string>
  beforeAll(async () => {
    world = await createFeatureWorld()
    path = (world.config.online as { path: string }).path
    env = { DATA_DIR: world.config.dataDir }
    await world.build()
    store = await openOnlineStore(world.config)
  })
  afterAll(async () => {
    await store.close()
    await world.remove()
  })

  it('another process materialises while this one reads, and this one sees the new version', async () => {
    expect(await store.version()).toBeUndefined()
    const first = await runCommand(['features', 'materialise', '--json'], env)
    expect(first.stderr).not.toContain('Error')
    expect(await store.version()).toBe(JSON.parse(first.stdout).version)
    expect(await store.userIds(9)).toHaveLength(3)
    const second = await runCommand(['features', 'materialise', '--json'], env)
    expect(await store.version()).toBe(JSON.parse(second.stdout).version)
  })

  it('a process killed while it writes, leaves the version before, and its remains are removed by the next', async () => {
    const before = await store.version()
    const raw = await LmdbStore.open(path)
    const marks = async (): Promise<string[]> => {
      const all: string[] = []
      for await (const keys of raw.keys(versionsPrefix)) all.push(...keys)
      return all
    }
    const child = startCommand(['features', 'materialise'], env)
    // The mark of a begun version tells that it is writing.
    const known = (await marks()).length
    while ((await marks()).length <= known && child.exitCode === null) await new Promise((wake) => setTimeout(wake, 1))
    child.kill('SIGKILL')
    await new Promise((wake) => child.once('close', wake))
    const after = await store.version()
    expect(child.signalCode).toBe('SIGKILL')
    expect(after).toBe(before)
    expect(await store.userIds(9)).toHaveLength(3)
    const { version } = await world.materialise()
    expect((await marks()).sort()).toEqual([before!, version].map((one) => `${versionsPrefix}${one}`).sort())
    await raw.close()
  })

  it('events posted, are there after the store was closed and opened again', async () => {
    const event = {
      userId: 'u',
      eventId: 'x',
      contentId: 'c',
      eventType: 'like',
      occurredAt: 1,
      platform: 'p',
    } as const
    await store.appendEvents([{ ...event, watchSeconds: null, completion: null, value: null }])
    await store.close()
    store = await openOnlineStore(world.config)
    expect(await store.history('u', 1)).toEqual([{ eventId: 'x', contentId: 'c', eventType: 'like', occurredAt: 1 }])
  })

  it('a path that is a file, is refused by name', async () => {
    const file = `${path}-file/online`
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, 'not a folder')
    await expect(openOnlineStore({ online: { kind: 'lmdb', path: file } })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining(file),
    })
  })

  it('a warehouse without contents, is not materialised over what there is', async () => {
    const before = (await world.materialise()).version
    await world.run('delete from dim_content')
    await expect(world.materialise()).rejects.toMatchObject({
      code: 'DATA_INSUFFICIENT',
      message: expect.stringContaining('dim_content'),
    })
    expect(await store.version()).toBe(before)
  })
})
