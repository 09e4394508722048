import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importSequences } from '../../../pipelines/import/sequences.ts'
import { createImportWorld, type ImportWorld } from '../../support/import-world.ts'

let world: ImportWorld
beforeEach(async () => {
  world = await createImportWorld()
})
afterEach(() => world.remove())

async function files(sequences: string): Promise<string> {
  await world.file('s/sequences.txt', sequences)
  await world.file(
    's/item_list.txt',
    'org_id remap_id title category\n3186 0 "Girl, ""X"" (1999)" Drama\n1721 1 Titanic Drama|Romance\n',
  )
  await world.file('s/user_list.txt', 'org_id remap_id\n77 0\n88 1\n')
  return `${world.folder}/s`
}

describe('importSequences', () => {
  it('ordered histories, without times, get one minute per step and the original ids', async () => {
    const folder = await files('0 1 0\n1 0\n')
    expect(await importSequences(world.context, folder)).toMatchObject({ written: 7, rejected: 0 })
    expect(await importSequences(world.context, folder)).toMatchObject({ written: 0, unchanged: 7 })
    // 2000-01-01T00:00Z is 946,684,800; the first step is a minute later
    expect(await world.rows('select user_id, content_id, occurred_at from fct_interactions order by 1, 3')).toEqual([
      { user_id: '77', content_id: '1721', occurred_at: 946684860 },
      { user_id: '77', content_id: '3186', occurred_at: 946684920 },
      { user_id: '88', content_id: '3186', occurred_at: 946684860 },
    ])
    expect(await world.rows('select title, tags, category from dim_content order by title')).toEqual([
      { title: 'Girl, "X" (1999)', tags: 'Drama', category: 'Drama' },
      { title: 'Titanic', tags: 'Drama|Romance', category: 'Drama' },
    ])
  })

  it('an item or user that no list knows goes to the rejects', async () => {
    const report = await importSequences(world.context, await files('0 1 9\n5 0\n'))
    expect(report.rejected).toBe(2)
    expect((await world.rejects(report)).join()).toContain('expected an item of item_list.txt; got 9')
  })

  it('a file of another form changes nothing', async () => {
    await expect(importSequences(world.context, await files('user,item\n'))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
  })
})
