import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { benchmarkPostingTime } from '../../../training/benchmark/benchmark-posting-time.ts'
import { postingTimeTask } from '../../../training/datasets/prediction-tasks/prediction-tasks.ts'

const shared = join(import.meta.dirname, '../../../../shared/data')
const why = existsSync(shared) ? '' : ' (skipped: the public data sets are not beside the project)'

describe.skipIf(!existsSync(shared))(`benchmarkPostingTime${why}`, () => {
  it('before the test part: hours of the past against October, with reference and placebo beside', async () => {
    const { rows, models, goals } = await benchmarkPostingTime({
      task: postingTimeTask,
      dataDir: shared,
      beforeTest: true,
      seed: 1,
      signal: new AbortController().signal,
      log: silentLogger,
    })
    expect(rows).toEqual({ train: 35_814, valid: 8954, test: 6227 })
    const { metrics } = models[0]!
    expect(metrics.creators!.value).toBeGreaterThan(30)
    expect(metrics['placebo lift']!.value).toBeLessThan(metrics.lift!.value)
    expect(goals.map(({ metric, met }) => [metric, met])).toEqual([
      ['lift', metrics.lift!.low! > 0],
      ['placebo lift', metrics['placebo lift']!.low! <= 0 && metrics['placebo lift']!.high! >= 0],
    ])
  }, 300_000)
})
