import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../support/command.ts'
import { createFeatureWorld, type FeatureWorld } from '../support/feature-world.ts'
import { hostileIds } from '../support/small-world.ts'

describe('contentflow features', () => {
  let world: FeatureWorld
  let env: Record<string, string>
  beforeAll(async () => {
    world = await createFeatureWorld()
    env = { DATA_DIR: world.config.dataDir }
  })
  afterAll(() => world.remove())

  it('materialise before build, says what to run and exits 4', async () => {
    const { code, stderr } = await runCommand(['features', 'materialise'], env)
    expect(stderr).toContain('contentflow features build')
    expect(code).toBe(4)
  })

  it('build, materialise and get, show the features of an id with a slash in it', async () => {
    const built = await runCommand(['features', 'build', '--json'], env)
    expect(JSON.parse(built.stdout)[0]).toMatchObject({ view: 'user_activity', kept: 0 })
    expect((await runCommand(['features', 'materialise'], env)).stdout).toContain('3 rows of user_activity')
    const { stdout } = await runCommand(['features', 'get', 'user', hostileIds.user, '--json'], env)
    expect(JSON.parse(stdout).views.user_activity).toMatchObject({
      status: 'ok',
      values: { events_28d: 2, country: 'FR' },
    })
  })

  it('describe of an unknown view, names those there are', async () => {
    const { code, stderr } = await runCommand(['features', 'describe', 'nope'], env)
    expect(stderr).toContain('user_activity, user_subscriptions')
    expect(code).toBe(1)
  })
})
