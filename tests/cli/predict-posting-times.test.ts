import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postingTimesCommand } from '../../cli/predict-posting-times.ts'
import type { CommandResult } from '../support/command.ts'
import { runInProcess } from '../support/in-process-command.ts'
import { createServiceWorld, type ServiceWorld, testNow } from '../support/service-world.ts'

let world: ServiceWorld
let empty: ServiceWorld
beforeAll(async () => {
  world = await createServiceWorld(['posting-time'])
  empty = await createServiceWorld([])
})
afterAll(async () => {
  await world.remove()
  await empty.remove()
})

const ask = (args: readonly string[], of = world): Promise<CommandResult> =>
  runInProcess(postingTimesCommand(), args, { DATA_DIR: of.config.dataDir })

describe('contentflow predict posting-times', () => {
  it('gives what the service gives', async () => {
    const service = await world.start()
    const query = 'limit=3&spacing=5&timeZone=Europe/Berlin'
    const served = (await service.get(`/v1/creators/creator-1/posting-times?${query}`)).body
    await service.close()
    const { generatedAt: _, requestId: __, ...expected } = served
    vi.useFakeTimers({ now: testNow * 1000, toFake: ['Date'] })
    const flags = ['--limit', '3', '--spacing', '5', '--time-zone', 'Europe/Berlin', '--json']
    const { code, stdout } = await ask(['--creator', 'creator-1', ...flags]).finally(() => vi.useRealTimers())
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual(expected)
    expect(expected.slots[0]).toMatchObject({ lift: 2, lower: 1.9, upper: 2.1 })
  })

  it('a table to read, with what it rests on in words', async () => {
    const { stdout } = await ask(['--creator', 'creator-2', '--time-zone', 'Asia/Kolkata', '--limit', '2'])
    expect(stdout).toContain('Not enough data of this creator on youtube (3 posts): using category Comedy on youtube.')
    expect(stdout).toContain('Hours of Asia/Kolkata')
    expect(stdout).toMatch(/^(Sun|Mon) 20\d\d-\d\d-\d\d \d\d:30 \+05:30 {2}4\.00 \[3\.90, 4\.10\]$/m)
    expect(stdout).toContain('posting-time version 1')
  })

  it.each([
    [
      'a zone that does not exist',
      ['--time-zone', 'Mars/Olympus'],
      'INPUT_INVALID: --time-zone is "Mars/Olympus"; expected an IANA',
    ],
    ['no hours', ['--limit', '0'], 'INPUT_INVALID: --limit is "0"; expected a whole number, from 1 to 168'],
    ['a week apart', ['--spacing', '168'], 'INPUT_INVALID: --spacing is "168"; expected a whole number, from 0 to 24'],
  ])('%s: is refused with exit code 2', async (_, flags, message) => {
    const { code, stderr } = await ask(['--creator', 'creator-1', ...flags])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  it('without a champion: says what to train', async () => {
    const { code, stderr } = await ask(['--creator', 'creator-1'], empty)
    expect(stderr).toContain('NOT_FOUND: posting-time has no champion yet.')
    expect(code).toBe(1)
  })
})
