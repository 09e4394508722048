import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMartItemContent } from '../../../training/datasets/mart-item-content.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'

const published = new Date('2026-03-05T12:00:00Z')
const content = (id: string, title: string | null, tags: string | null, seconds: number | null) => [
  id,
  'youtube',
  'creator-1',
  title,
  null,
  tags,
  'Music',
  'pt',
  seconds,
  published,
  null,
]

describe('readMartItemContent', () => {
  let world: FeatureWorld
  beforeAll(async () => {
    world = await createFeatureWorld({
      dim_content: [
        content('a', 'Forró', 'dança|festa', 60),
        content('b', null, null, null),
        content('c', 'x', null, 1),
      ],
    })
  })
  afterAll(() => world.remove())

  it('items in another order than the rows, one without a row: each at its place, what is unknown empty', async () => {
    const read = await world.source((source) => readMartItemContent(source, ['b', 'nobody', 'a']))
    expect(read?.texts).toEqual(['', '', 'Forró dança festa'])
    expect(read?.categories.creator_id).toEqual(['creator-1', '', 'creator-1'])
    expect(read?.categories.category).toEqual(['Music', '', 'Music'])
    expect([...read!.numbers.duration!]).toEqual([Number.NaN, Number.NaN, 60])
    // 2026-03-05 is day 20,517 since 1970, and noon half a day more.
    expect([...read!.numbers.publishedDay!]).toEqual([20_517.5, Number.NaN, 20_517.5])
  })

  it('no item has a row: there is no content', async () => {
    expect(await world.source((source) => readMartItemContent(source, ['nobody']))).toBeUndefined()
  })
})
