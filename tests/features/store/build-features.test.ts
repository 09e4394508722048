import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { featureView, featureViews } from '../../../features/definitions/index.ts'
import { describeFeatures } from '../../../features/store/describe-features.ts'
import { readManifest } from '../../../features/store/snapshot-manifest.ts'
import { createLogger } from '../../../log.ts'
import { createFeatureWorld, type FeatureWorld, redefined } from '../../support/feature-world.ts'

const users = featureView('user_activity')
/** Few snapshots over many years, for quick tests of long spans. */
const yearly = { ...users, everyDays: 365 }

/** Every snapshot file with its time of change, by path. */
async function snapshotTimes(dir: string): Promise<Map<string, number>> {
  const files = await readdir(dir, { recursive: true })
  const parquet = files.filter((file) => file.endsWith('.parquet'))
  return new Map(await Promise.all(parquet.map(async (file) => [file, (await stat(join(dir, file))).mtimeMs] as const)))
}

describe('buildFeatures', () => {
  let world: FeatureWorld
  let dir: string
  beforeEach(async () => {
    world = await createFeatureWorld()
    dir = world.config.featuresDir
  })
  afterEach(() => world.remove())

  it('a first build, writes a snapshot for each day after facts, and a weekly view its Mondays and the last day', async () => {
    const built = await world.build()
    const byView = new Map(built.map((one) => [one.view, one.built]))
    // Facts from 1 to 9 March 2026, so moments from the 2nd (a Monday) to the 10th.
    expect(byView.get('user_activity')).toHaveLength(9)
    expect(byView.get('user_activity')!.at(0)).toBe('2026-03-02')
    expect(byView.get('user_activity')!.at(-1)).toBe('2026-03-10')
    expect(byView.get('content_profile')).toEqual(['2026-03-02', '2026-03-09', '2026-03-10'])
    const [description] = await describeFeatures(dir, [users])
    expect(description!.snapshots).toMatchObject({ days: 9, last: '2026-03-10', rowsOfLast: 3, current: true })
    // user-1, user-2 and the one of 3 events: 5, 2 and 2 events of the last 28 days
    const events = description!.fields.find((field) => field.name === 'events_28d')!.statistics!
    expect(events).toMatchObject({ count: 3, nulls: 0, numeric: { min: 2, max: 5, mean: 3 } })
    const country = description!.fields.find((field) => field.name === 'country')!.statistics!
    expect(country.top).toContainEqual({ value: 'BR', count: 1 })
  })

  it('nothing new in the warehouse, touches no file', async () => {
    await world.build()
    const before = await snapshotTimes(dir)
    const again = await world.build()
    expect(again.every((one) => one.built.length === 0)).toBe(true)
    expect(await snapshotTimes(dir)).toEqual(before)
  })

  it('one new day, writes that day and leaves the other files as they are', async () => {
    const daily = featureViews.filter((view) => view.everyDays === 1)
    await world.build({ views: daily })
    const before = await snapshotTimes(dir)
    await world.run(`insert into fct_interactions
      values ('e10', 'user-2', 'content-1', 'youtube', 'like', '2026-03-10 05:00:00', null, null, null)`)
    const built = await world.build({ views: daily })
    expect(built.map((one) => one.built)).toEqual(daily.map(() => ['2026-03-11']))
    const after = await snapshotTimes(dir)
    expect([...after].filter(([file]) => before.has(file))).toEqual([...before])
    expect(after.size).toBe(before.size + daily.length)
  })

  it('a late fact, rebuilds the snapshots after its day and no others', async () => {
    await world.build({ views: [users] })
    await world.run(`insert into fct_interactions
      values ('late', 'user-2', 'content-1', 'youtube', 'like', '2026-03-07 05:00:00', null, null, null)`)
    const [built] = await world.build({ views: [users] })
    expect(built!.built).toEqual(['2026-03-08', '2026-03-09', '2026-03-10'])
  })

  it.each([
    ['fct_interactions', `update fct_interactions set occurred_at = timestamp 'infinity' where event_id = 'e8'`],
    ['fct_interactions', `update fct_interactions set occurred_at = '9999-12-31' where event_id = 'e8'`],
    ['fct_content_daily', `update fct_content_daily set date = '0001-01-01' where content_id = 'content-1'`],
  ])('a fact of %s with an impossible time, stops the build and is named', async (mart, change) => {
    await world.run(change)
    await expect(world.build()).rejects.toMatchObject({ code: 'MART_INVALID', message: expect.stringContaining(mart) })
    expect(existsSync(dir)).toBe(false)
  })

  it.each([
    [
      'category of a content of the 3rd',
      `update dim_content set category = 'Film' where content_id = 'content-2'`,
      {
        content_profile: ['2026-03-09', '2026-03-10'],
        content_start: [4, 5, 6, 7, 8, 9, 10].map((day) => `2026-03-${String(day).padStart(2, '0')}`),
      },
    ],
    [
      'type of an event of the 8th',
      `update fct_interactions set event_type = 'skip' where event_id = 'e8'`,
      { user_activity: ['2026-03-09', '2026-03-10'], content_popularity: ['2026-03-09', '2026-03-10'] },
    ],
    [
      'country of a person who signed up on the 9th',
      `update dim_user set country = 'PT' where user_id = 'user-2'`,
      { user_activity: ['2026-03-10'] },
    ],
    [
      'end of a subscription, from the 9th to the 8th',
      `update fct_subscriptions set ended_at = '2026-03-08' where user_id = 'user-2'`,
      {
        creator_performance: ['2026-03-09', '2026-03-10'],
        user_subscriptions: ['2026-03-09', '2026-03-10'],
      },
    ],
  ])('a corrected %s, rebuilds what reads it', async (_, correction, expected) => {
    await world.run(`delete from fct_interactions where user_id = 'user-2';
      update dim_user set signed_up_at = '2026-03-09' where user_id = 'user-2';
      update fct_subscriptions set ended_at = '2026-03-09', started_at = '2025-03-01' where user_id = 'user-2'`)
    await world.build()
    await world.run(correction)
    const built = await world.build()
    const touched = built.filter((one) => one.built.length > 0)
    expect(Object.fromEntries(touched.map((one) => [one.view, one.built]))).toEqual(expected)
  })

  it('a changed definition, rebuilds that view only', async () => {
    const other = featureView('creator_performance')
    await world.build({ views: [users, other] })
    const changed = redefined(users)
    const [first, second] = await world.build({ views: [changed, other] })
    expect([first!.built.length, second!.built.length]).toEqual([9, 0])
    expect((await readManifest(join(dir, users.name)))!.schemaHash).toBe(changed.schemaHash)
    expect((await snapshotTimes(join(dir, users.name))).size).toBe(9)
  })

  it('--full over two days, rebuilds these and keeps the rest', async () => {
    await world.build({ views: [users] })
    const [built] = await world.build({ views: [users], full: true, from: '2026-03-04', to: '2026-03-05' })
    expect(built!.built).toEqual(['2026-03-04', '2026-03-05'])
    expect(built!.kept).toBe(7)
  })

  it('a person who is deleted after a build, disappears from past snapshots', async () => {
    await world.build({ views: [users] })
    await world.run(`update dim_user set deleted_at = '2026-03-09 12:00:00' where user_id = 'user-2'`)
    const [built] = await world.build({ views: [users] })
    expect(built!.built[0]).toBe('2026-03-03') // user-2 signed up on the 2nd
    expect(built!.rows).toBe(2 * 9) // the two others, at each of nine moments
  })

  it('a value that is not a number, is stored as unknown and logged with its field', async () => {
    await world.run(`update fct_interactions set watch_seconds = 'nan'::double where event_id = 'e4'`)
    const lines: string[] = []
    const log = createLogger('warn', { write: (line: string) => void lines.push(line) })
    await world.build({ views: [users], to: '2026-03-06', log })
    const warning = lines.map((line) => JSON.parse(line)).find((line) => line.field === 'watch_seconds_28d')
    expect(warning).toMatchObject({ view: 'user_activity', rows: 2 }) // user-1 at the 5th and the 6th
    const [description] = await describeFeatures(dir, [users])
    expect(description!.fields.find((field) => field.name === 'watch_seconds_28d')!.statistics!.nulls).toBe(1)
  })

  it('a full disk, is said so, and the last good state stays', async () => {
    await world.build({ views: [users] })
    const before = await readFile(join(dir, users.name, 'manifest.json'), 'utf8')
    // The file being written goes to a device that is always full.
    await symlink('/dev/full', join(dir, users.name, 'writing.parquet'))
    const failed = world.build({ views: [users], full: true })
    await expect(failed).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('Free some space'),
    })
    expect(await readFile(join(dir, users.name, 'manifest.json'), 'utf8')).toBe(before)
    expect(existsSync(join(dir, users.name, 'writing.parquet'))).toBe(false)
    expect((await world.build({ views: [users] }))[0]!.built).toEqual([])
  })

  it('a signal midway, keeps the last good state, and the next run finishes', async () => {
    const controller = new AbortController()
    const progress = { update: (label: string) => label.includes('creator') && controller.abort(), done() {} }
    const views = [users, featureView('creator_performance')]
    await expect(world.build({ views, signal: controller.signal, progress })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    const next = await world.build({ views })
    expect(next.map((one) => one.built.length)).toEqual([0, 9])
  })

  it.each(['1970-01-01', '2009-06-01'])(
    'one fact of %s, does not lengthen the build beyond three years',
    async (day) => {
      await world.run(`insert into fct_interactions
      values ('old', 'user-2', 'content-1', 'youtube', 'like', '${day} 00:00:00', null, null, null)`)
      const lines: string[] = []
      const log = createLogger('info', { write: (line: string) => void lines.push(line) })
      const [built] = await world.build({ views: [yearly], log })
      // The last facts are of 9 March 2026: 1,095 days before the 10th (day 20,522) is 11 March 2023 (day 19,427). Of these days the
      // multiples of 365, plus 4, are 54, 55 and 56 times 365; and the last.
      expect([built!.built.length, built!.built.at(-1)]).toEqual([4, '2026-03-10'])
      const said = lines.map((line) => JSON.parse(line)).find((line) => line.from !== undefined)
      expect(said).toMatchObject({ firstFacts: day, from: '2023-03-11', msg: expect.stringContaining('--from') })
      expect((await world.build({ views: [yearly] }))[0]!.built).toEqual([])
    },
  )

  it('facts of 22 years as of ml-latest, can be built whole with --from', async () => {
    await world.run(`insert into fct_interactions
      values ('old', 'user-2', 'content-1', 'youtube', 'like', '2004-03-09 00:00:00', null, null, null)`)
    // 10 March 2004 is day 12,487: 35 to 56 times 365, plus 4, are 22 days; and the last.
    const [built] = await world.build({ views: [yearly], from: '2004-03-10' })
    expect(built!.built).toHaveLength(23)
  })

  it('empty marts, are refused with what to run', async () => {
    await world.run('delete from fct_interactions; delete from fct_content_daily;')
    await expect(world.build()).rejects.toMatchObject({
      code: 'DATA_INSUFFICIENT',
      message: expect.stringContaining('contentflow sample'),
    })
  })

  it.each([
    [{ from: '2026-02-30' }, /2026-02-30.*expected a day like/],
    [{ from: '2026-03-09', to: '2026-03-03' }, /after the last/],
    [{ from: '1900-01-01' }, /at most 10000 days/],
  ])('days %o, are refused', async (days, message) => {
    await expect(world.build(days)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('a damaged manifest, is named', async () => {
    await mkdir(join(dir, users.name), { recursive: true })
    await symlink('/dev/null', join(dir, users.name, 'manifest.json'))
    await expect(world.build({ views: [users] })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('manifest.json'),
    })
  })
})
