import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../config.ts'
import type { SqlParameter } from '../../../features/sources/mart-source.ts'
import { exportInteractions } from '../../../pipelines/export/interactions.ts'
import { endCommands, runCommand } from '../../support/command.ts'
import { writeSmallWorld } from '../../support/small-world.ts'
import { checkerboard } from '../../training/checkerboard.ts'

const python = process.env.TEST_PYSPARK_PYTHON
const program = resolve(import.meta.dirname, '../../../pipelines/spark/ials.py')

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spark-'))
})
afterEach(async () => {
  await endCommands()
  await rm(dir, { recursive: true, force: true })
})

/** A real Spark, in one process. */
const runSpark = (trainingSet: string, out: string) =>
  promisify(execFile)(
    python!,
    [program, '--training-set', trainingSet, '--out', out, '--rank', '6', '--iterations', '3', '--blocks', '1'],
    {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PYSPARK_PYTHON: python!,
        PYSPARK_SUBMIT_ARGS:
          '--master local[1] --driver-memory 1g --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=1 --conf spark.default.parallelism=1 pyspark-shell',
      },
    },
  )

describe.skipIf(!python)('iALS by Spark (skipped: TEST_PYSPARK_PYTHON is not set)', () => {
  it('exported, fitted by Spark and imported: judged by the gate and registered', {
    timeout: 600_000,
  }, async () => {
    const config = loadConfig({ DATA_DIR: join(dir, 'data') })
    if (config.warehouse.kind !== 'duckdb') throw new Error('expected the embedded warehouse')
    const { userIds, itemIds, times } = checkerboard(40, 30)
    const rows = userIds.map((user, i): SqlParameter[] => {
      const at = new Date(Date.UTC(2026, 0, 1) + times[i]! * 60_000)
      return [`e-${String(i).padStart(6, '0')}`, user, itemIds[i]!, 'youtube', 'view', at, null, null, null]
    })
    await writeSmallWorld(config.warehouse.path, 'marts', { fct_interactions: rows })
    const trainingSet = join(dir, 'training-set')
    const options = { outDir: trainingSet, before: new Date(), minRating: null, minInteractions: 1 }
    await exportInteractions({ config, signal: new AbortController().signal }, options)

    const factors = join(dir, 'factors')
    const { stdout } = await runSpark(trainingSet, factors)
    expect(stdout).toContain('40 users, 30 items, 6 factors')

    const {
      code,
      stdout: line,
      stderr,
    } = await runCommand(['train', 'recommender', '--factors', factors, '--json'], { DATA_DIR: join(dir, 'data') })
    expect(stderr).not.toContain('INVALID')
    expect(code).toBe(0)
    // Of its colour each user lacks the held-out item alone: whatever knows colours ranks it first. So does item-kNN, and a tie does not win.
    const { metrics, version, reason } = JSON.parse(line)
    expect(metrics[0]).toMatchObject({
      metric: 'ndcg@10',
      model: { value: 1 },
      baselines: { 'item-knn': { value: 1 } },
    })
    expect({ version, reason }).toEqual({ version: 1, reason: expect.stringContaining('ials does not beat item-knn') })
  })
})
