import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readArtifactJson, readGolden } from '../../../models/artifact/read-artifact.ts'
import { churnSchema } from '../../../models/payloads/churn.ts'
import { tabularFeaturesSchema } from '../../../models/payloads/tabular.ts'
import { openScorer } from '../../../serving/runtime/open-scorer.ts'
import { churnRows, createChurnWorld } from '../../support/churn-world.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'
import { trainIn } from '../../support/prediction-world.ts'

/** Small networks: the planted rule is simple. */
const quick = { members: '1', epochs: '4', hidden: '8', refit: 'false' }

describe('churn', () => {
  let world: FeatureWorld
  beforeAll(async () => {
    world = await createChurnWorld()
  }, 60_000)
  afterAll(() => world.remove())

  it('learns who is lost better than the constant, and says what it foretells', async () => {
    const { result, dir } = await trainIn(world, 'churn', quick)
    const [headline, area] = result.metrics
    expect(headline!.metric).toBe('log loss within 28 days')
    expect(Object.keys(headline!.baselines)).toEqual([
      'logistic',
      'recency and frequency',
      'recency',
      'base rate',
      'BG/NBD',
    ])
    expect(headline!.model.value).toBeLessThan(headline!.baselines['base rate']!.value)
    expect(area!.model.value).toBeGreaterThan(0.75)
    const artifact = join(dir, 'runs', result.runId, 'artifact')
    const churn = await readArtifactJson(artifact, 'churn.json', churnSchema)
    expect(churn).toMatchObject({ horizons: [{ days: 28, weeks: 4 }], silentDays: 28 })
    expect(churn.leftOut).toEqual([{ days: 90, reason: expect.stringContaining('the data spans 100 days') }])
    expect(churn.baseHazards).toHaveLength(4)
    const { targets, definition } = await readArtifactJson(artifact, 'features.json', tabularFeaturesSchema)
    expect(targets.map(({ name }) => name)).toEqual([1, 2, 3, 4].map((week) => `hazard_week_${week}`))
    expect(definition).toContain('not been seen for 28 whole days, or has ended')
    const report = await readFile(result.reportPath, 'utf8')
    for (const part of ['In which week are people lost?', 'Shuffling ', 'Left out: 90 days']) {
      expect(report).toContain(part)
    }
  }, 60_000)

  it('gives probabilities that follow from the hazards, and more for people who have been away', async () => {
    const { result, dir } = await trainIn(world, 'churn', quick)
    const artifact = join(dir, 'runs', result.runId, 'artifact')
    const { numeric: fields } = await readArtifactJson(artifact, 'features.json', tabularFeaturesSchema)
    const recency = fields.findIndex(({ name }) => name === 'recency_days')
    const { inputs } = await readGolden(artifact)
    const one = Float32Array.from(inputs.numeric!.data.slice(0, fields.length))
    const away = one.with(recency, 27)
    const scorer = await openScorer(artifact)
    const { hazard, probability } = await scorer.score({
      numeric: { shape: [2, fields.length], data: Float32Array.of(...one.with(recency, 1), ...away) },
      categorical: { shape: [2, 3], data: new Int32Array(6) },
    })
    await scorer.close()
    expect(hazard!.shape).toEqual([2, 4])
    for (const row of [0, 1]) {
      const survival = Array.from({ length: 4 }, (_, t) => 1 - hazard!.data[row * 4 + t]!).reduce((a, b) => a * b)
      expect(probability!.data[row]).toBeCloseTo(1 - survival, 4)
    }
    expect(probability!.data[1]).toBeGreaterThan(probability!.data[0]!)
  }, 60_000)

  it('does not learn from what happened after the test moment', async () => {
    const network = async (): Promise<Buffer> => {
      const { result, dir } = await trainIn(world, 'churn', { ...quick, epochs: '1' })
      return readFile(join(dir, 'runs', result.runId, 'artifact', 'model.onnx'))
    }
    const before = await network()
    // The data ends on 10 April, so the test moment is 14 March. The snapshots stay: what is learned from is outcomes.
    await world.run(`create table kept as select * from fct_interactions;
      delete from fct_interactions where occurred_at >= timestamp '2026-03-14' and occurred_at < timestamp '2026-04-09' and user_id < 'user-2'`)
    expect((await network()).equals(before)).toBe(true)
    await world.run(
      `delete from fct_interactions where occurred_at >= timestamp '2026-02-10' and occurred_at < timestamp '2026-04-09' and user_id < 'user-2'`,
    )
    expect((await network()).equals(before)).toBe(false)
    await world.run('delete from fct_interactions; insert into fct_interactions select * from kept; drop table kept')
  }, 120_000)

  it('foretells leaving alone, without BG/NBD, which knows silence only', async () => {
    const { result } = await trainIn(world, 'churn', { ...quick, kind: 'leaving' })
    expect(Object.keys(result.metrics[0]!.baselines)).not.toContain('BG/NBD')
  }, 60_000)

  it('refuses an option that is not there', async () => {
    await expect(trainIn(world, 'churn', { horizonDays: '30' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(trainIn(world, 'churn', { textDirections: '3' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('churn on too little', () => {
  it.each([
    ['a span of 80 days', { days: 80 }, {}, /span 79 days, .* expected at least 85/],
    ['a span too short for the horizon asked for', {}, { horizonDays: '90' }, /training part has 0 people/],
    ['a dozen people', { people: 12 }, {}, /training part has .* expected at least 50/],
    ['nobody who is ever lost', { stops: 1e-9, comes: 1 }, {}, /In the training part 0 people were lost/],
  ] as const)(
    '%s: says what was expected',
    async (_, shape, settings, message) => {
      const world = await createFeatureWorld(churnRows(shape))
      try {
        await expect(trainIn(world, 'churn', { ...quick, ...settings })).rejects.toMatchObject({
          code: 'DATA_INSUFFICIENT',
          message: expect.stringMatching(message),
        })
      } finally {
        await world.remove()
      }
    },
    60_000,
  )

  it('nobody who agreed: names the marts', async () => {
    const world = await createFeatureWorld({ ...churnRows({ people: 60 }), dim_user: [] })
    try {
      await expect(trainIn(world, 'churn', quick)).rejects.toMatchObject({
        code: 'DATA_INSUFFICIENT',
        message: expect.stringContaining('dim_user'),
      })
    } finally {
      await world.remove()
    }
  })

  it('features that do not vary: trains, and is refused', async () => {
    // Every example is older than the first snapshot, so has the defaults.
    const world = await createChurnWorld({}, '2026-04-08')
    try {
      const { result } = await trainIn(world, 'churn', quick)
      expect(result.promoted).toBe(false)
    } finally {
      await world.remove()
    }
  }, 60_000)
})
