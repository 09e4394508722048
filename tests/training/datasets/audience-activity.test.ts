import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MartSource } from '../../../features/sources/mart-source.ts'
import { openMartSource } from '../../../features/sources/open-mart-source.ts'
import { audienceActivity } from '../../../training/datasets/audience-activity.ts'
import { creatorTimeZones } from '../../../training/datasets/creator-time-zones.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'

const span = { from: Date.UTC(2026, 2, 1) / 1000, before: Date.UTC(2026, 4, 1) / 1000 }
const week = 168

/** March and April: audiences of three creators are awake at 20:00 in Berlin, which is 19:00 UTC until 28 March and 18:00 from then on. */
const evenings = Array.from({ length: 61 }, (_, day) => new Date(Date.UTC(2026, 2, 1 + day, day < 28 ? 19 : 18)))

describe('audienceActivity', () => {
  let world: FeatureWorld
  let source: MartSource
  beforeAll(async () => {
    const creator = (id: string, country: string | null) => [id, 'youtube', id, 'Music', country, null, null]
    world = await createFeatureWorld({
      dim_creator: [creator('berlin', 'DE'), creator('unknown', null), creator('kolkata', 'IN')],
      fct_audience_hourly: ['berlin', 'unknown', 'kolkata'].flatMap((id) =>
        evenings.flatMap((at) => [
          [id, 'youtube', at, 100],
          [id, 'youtube', new Date(at.getTime() - 6 * 3_600_000), 10],
        ]),
      ),
    })
    source = await openMartSource(world.config)
  })
  afterAll(async () => {
    await source.close()
    await world.remove()
  })

  const creatorsOf = async (ids: readonly string[]) => {
    const zones = await creatorTimeZones(source)
    return ids.map((creatorId) => ({
      creatorId,
      platform: 'youtube',
      category: 'Music',
      timeZone: zones.get(JSON.stringify([creatorId, 'youtube'])) ?? 'UTC',
    }))
  }
  const peaks = async (id: string): Promise<number[]> => {
    const activity = (await audienceActivity(source, await creatorsOf([id]), span))!
    const top = Math.max(...activity)
    const hours = [...activity.subarray(0, week).entries()].filter(([, value]) => value > top - 0.01)
    return [...new Set(hours.map(([hour]) => hour % 24))]
  }

  it('finds an evening at one local hour whatever clocks do, and at two of UTC where the zone is not known', async () => {
    expect(await peaks('berlin')).toEqual([20])
    expect(await peaks('unknown')).toEqual([18, 19])
  })

  it('of half hours, counts a UTC hour for the local hour of its middle', async () => {
    // 18:00–19:00 UTC is 23:30–00:30 in Kolkata, 19:00–20:00 is 00:30–01:30.
    expect((await peaks('kolkata')).toSorted()).toEqual([0, 1])
  })

  it('knows nothing of a stranger', async () => {
    expect(await audienceActivity(source, await creatorsOf(['nobody']), span)).toBeUndefined()
    const both = (await audienceActivity(source, await creatorsOf(['nobody', 'berlin']), span))!
    expect(both.subarray(0, week).every((value) => value === 0)).toBe(true)
  })
})
