import { describe, expect, it } from 'vitest'
import { createLogger, silentLogger } from '../../log.ts'
import { runOnSchedule } from '../../pipelines/schedule.ts'

const everySecond = '* * * * * *'

describe('runOnSchedule', () => {
  it('runs when due, never twice at once, and says what it skipped', async () => {
    const controller = new AbortController()
    const lines: string[] = []
    const log = createLogger('info', { write: (line: string) => lines.push(line) })
    let running = 0
    let most = 0
    const run = async (): Promise<void> => {
      most = Math.max(most, ++running)
      // Two ticks fall due meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 2300))
      running--
      controller.abort()
    }
    await runOnSchedule({ pattern: everySecond, run, log, signal: controller.signal })
    expect(most).toBe(1)
    expect(lines.filter((line) => line.includes('skipped')).length).toBeGreaterThanOrEqual(1)
  })

  it('returns only when the run under way has ended, after a signal', async () => {
    const controller = new AbortController()
    let ended = false
    const run = async (): Promise<void> => {
      controller.abort()
      await new Promise((resolve) => setTimeout(resolve, 200))
      ended = true
    }
    await runOnSchedule({ pattern: everySecond, run, log: silentLogger, signal: controller.signal })
    expect(ended).toBe(true)
  })

  it('goes on after a run that failed', async () => {
    const controller = new AbortController()
    let runs = 0
    const run = async (): Promise<void> => {
      if (++runs === 2) controller.abort()
      throw new Error('no warehouse today')
    }
    await runOnSchedule({ pattern: everySecond, run, log: silentLogger, signal: controller.signal })
    expect(runs).toBe(2)
  })

  it.each([
    ['daily', /--schedule is "daily"; expected a cron pattern/],
    ['0 3 31 2 *', /never comes true/],
  ])('refuses the pattern %s', async (pattern, message) => {
    const { signal } = new AbortController()
    const started = runOnSchedule({ pattern, run: async () => undefined, log: silentLogger, signal })
    await expect(started).rejects.toMatchObject({ code: 'CONFIG_INVALID', message })
  })
})
