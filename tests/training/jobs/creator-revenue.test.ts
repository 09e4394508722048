import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { creatorPerformance } from '../../../features/definitions/creator-performance.ts'
import { creatorRevenue } from '../../../features/definitions/creator-revenue.ts'
import { readArtifactJson, readManifest } from '../../../models/artifact/read-artifact.ts'
import { tabularFeaturesSchema } from '../../../models/payloads/tabular.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'
import { trainIn } from '../../support/prediction-world.ts'

const quick = { epochs: '8', hidden: '16', members: '2', trees: '20' }
const day = (n: number): Date => new Date(Date.UTC(2026, 0, 5 + n))

/** Creators who earn more from day to day, and others who earn less: half as much again, or two thirds, in four weeks; a tenth of noise. */
function revenueRows(creators: number, days: number) {
  const random = createRandom(5)
  const ids = Array.from({ length: creators }, (_, k) => `creator-${k}`)
  const rises = (k: number): boolean => k % 2 === 0
  return {
    dim_creator: ids.map((id, k) => [id, 'youtube', id, rises(k) ? 'Rising' : 'Falling', 'IN', null, null]),
    dim_content: ids.map((id) => [
      ...[`of-${id}`, 'youtube', id, 'A title', null, null, 'Music', 'en', 60, day(0), null],
    ]),
    fct_content_daily: ids.flatMap((id, k) => {
      const level = Math.exp(4 + random.normal())
      return Array.from({ length: days }, (_, n) => {
        const usd = level * 1.5 ** ((rises(k) ? n : -n) / 28) * Math.exp(0.1 * random.normal())
        return [`of-${id}`, day(n), 10, null, null, null, null, null, null, null, null, null, usd, null]
      })
    }),
  }
}

describe('creator-revenue', () => {
  let world: FeatureWorld
  beforeAll(async () => {
    world = await createFeatureWorld(revenueRows(30, 182))
    await world.build({ views: [creatorPerformance, creatorRevenue] })
  }, 120_000)
  afterAll(() => world.remove())

  it('learns who rises and who falls, which no mean of the past knows', async () => {
    const { result, dir } = await trainIn(world, 'creator-revenue', quick)
    const [headline] = result.metrics
    expect(headline!.metric).toBe('RMSE of ln revenue_28d')
    expect(headline!.baselines['last 28 days']!.value).toBeGreaterThan(0.38) // ln 1.5 = 0.405
    expect(headline!.model.value).toBeLessThan(0.2)
    expect(result.promoted).toBe(true)
    const artifact = join(dir, 'runs', result.runId, 'artifact')
    const { targets } = await readArtifactJson(artifact, 'features.json', tabularFeaturesSchema)
    expect(targets.map(({ name }) => name)).toEqual(['revenue_28d', 'revenue_7d', 'revenue_14d'])
    expect(targets[0]!.unit).toBe('US cents')
    // 26 Mondays but the first (nothing was earned before it), and the last three, whose 28 days are not over.
    expect((await readManifest(artifact)).data.split).toContain('training creators’ weeks on')
    const coverage = result.metrics.find(({ metric }) => metric.startsWith('interval coverage error'))
    expect(coverage!.model.value).toBeLessThan(0.2)
  })

  it('is judged by fewer days where that is asked for, or where the data does not reach', async () => {
    const { result } = await trainIn(world, 'creator-revenue', { ...quick, days: '7' })
    expect(result.metrics[0]!.metric).toBe('RMSE of ln revenue_7d')
    const short = await createFeatureWorld(revenueRows(30, 60))
    try {
      await short.build({ views: [creatorPerformance, creatorRevenue] })
      const { result: its } = await trainIn(short, 'creator-revenue', quick)
      expect(its.metrics[0]!.metric).toBe('RMSE of ln revenue_7d')
    } finally {
      await short.remove()
    }
  })

  it.each([
    ['without revenue', { fct_content_daily: [] }, 'ad_revenue_usd'],
    ['with three weeks of it', revenueRows(30, 20), 'in all). Import more.'],
  ])('%s there is too little, and the error says of what', async (_, rows, words) => {
    const poor = await createFeatureWorld({ ...revenueRows(2, 1), ...rows })
    try {
      await expect(trainIn(poor, 'creator-revenue', quick)).rejects.toMatchObject({
        code: 'DATA_INSUFFICIENT',
        message: expect.stringContaining(words),
      })
    } finally {
      await poor.remove()
    }
  })
})
