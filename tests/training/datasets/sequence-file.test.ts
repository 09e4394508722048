import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { joinSplit } from '../../../training/datasets/given-split.ts'
import { readSequenceFile } from '../../../training/datasets/sequence-file.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sequences-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function read(text: string) {
  const file = join(dir, 'file.txt')
  await writeFile(file, text)
  const { users, userOf, items, itemOf, times } = await readSequenceFile(file)
  return {
    userIds: Array.from(userOf, (user) => users.ids[user]),
    itemIds: Array.from(itemOf, (item) => items.ids[item]),
    times: [...times],
  }
}

describe('readSequenceFile', () => {
  it('reads lines of a user and their items, oldest first', async () => {
    expect(await read('7 30 10\n8 10\n\n9\n')).toEqual({
      userIds: ['7', '7', '8'],
      itemIds: ['30', '10', '10'],
      times: [0, 1, 2],
    })
  })

  it.each([
    'user,item,time\na,x,5\na,y,3\n',
    'a,x,5\r\na,y,3\r\n',
    'user_id:token\titem_id:token\ttimestamp\na\tx\t5\na\ty\t3',
  ])('sorts a table by its time: %j', async (text) => {
    expect(await read(text)).toEqual({ userIds: ['a', 'a'], itemIds: ['y', 'x'], times: [3, 5] })
  })

  it.each([
    'item,user\nx,a\ny,a',
    'item_id,user_id\nx,a\ny,a\n',
    'content_id,user_id,time\nx,a,1\ny,a,2\n',
    'ITEMID:token\tvisitorId:token\tscore\nx\ta\t9\ny\ta\t8',
    '\uFEFF"Movie ID","rating","Visitor"\r\nx,5,a\r\ny,,a',
    'session_id,user_id,page,item\ns,a,p,x\ns,a,p,y',
    'date,iid,uid\n2026-01-01,x,a\n2026-01-02,y,a',
    'user_id item_id time\na x 1\na y 2',
  ])('reads the columns of a header by their names: %j', async (text) => {
    const { userIds, itemIds } = await read(text)
    expect({ userIds, itemIds }).toEqual({ userIds: ['a', 'a'], itemIds: ['x', 'y'] })
  })

  it('numbers what a part without a header has as the part with one', async () => {
    const train = join(dir, 'train.csv')
    const test = join(dir, 'test.csv')
    await writeFile(train, 'item,user\nx,a\ny,a\nz,b')
    await writeFile(test, 'a,z\n')
    const split = joinSplit(await readSequenceFile(train), undefined, await readSequenceFile(test))
    expect(split.train.items).toEqual(['x', 'y', 'z'])
    expect([...split.test.items[0]!]).toEqual([2])
  })

  it('leaves columns out that a header names otherwise: a rating is no time', async () => {
    expect((await read('user,item,rating\na,x,5\na,y,1')).times).toEqual([0, 1])
  })

  it('takes words of a list for items, though a header may have them', async () => {
    expect((await read('alice item user\nbob page')).userIds).toEqual(['alice', 'alice', 'bob'])
  })

  it.each([
    'who,what\n1,10\n2,20',
    'who\twhat\n1\t10\n2\t20',
    'who what\n1 10 11\n2 20',
    'who,what,when\na,x,5',
    'who,item_id\na,x',
    'user,thing\na,x',
    'user items\n1 10 11',
    'x,what\n1a,1\n1b,2\n1c,3',
  ])('refuses a header it does not know, and says which it knows: %j', async (text) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(
        /line 1: expected pairs of user and item, or a header that names the user \(user, .*in any order/,
      ),
    })
  })

  it('reads a first line of words where words are below as well', async () => {
    expect((await read('alice,intro\nbob,7')).itemIds).toEqual(['intro', '7'])
  })

  it.each([
    ['items of different number', '1\t10\t11\t12\n2\t10\n3\n', ['10', '11', '12', '10']],
    ['items that are words', 'a\tx\ty\nb\tx\tz', ['x', 'y', 'x', 'z']],
    ['long numbers as items', '1\t100000001\t100000002\t100000003\n2\t100000001', undefined],
  ])('reads tabs between user and items: %s', async (_, text, items) => {
    const { itemIds, times } = await read(text)
    expect(itemIds).toEqual(items ?? ['100000001', '100000002', '100000003', '100000001'])
    expect(times).toEqual([0, 1, 2, 3])
  })

  it.each([
    ['users recur', '1\t10\t7\n1\t11\t5'],
    ['it is as long as one', '1\t10\t978300760\n1\t11\t978300000'],
    ['it is a date', '1\t10\t2026-01-02\n1\t11\t2026-01-01'],
  ])('reads the third field behind tabs as time where %s', async (_, text) => {
    expect((await read(text)).itemIds).toEqual(['11', '10'])
  })

  it.each(['1\t10\t3\n2\t11\t4', '1\t10\t3\n2\t11', '196\t242\t3\t881250949\n186\t302\t3\t891717742'])(
    'refuses tabs where items cannot be told from a time: %j',
    async (text) => {
      await expect(read(text)).rejects.toThrow('line 1: expected a form that can be told')
    },
  )

  it('names the line of a timed table that lacks its time, and takes none for a list', async () => {
    await expect(read('1\t10\t978300760\n2\t11\n')).rejects.toThrow('line 2: expected 3 columns')
  })

  it('reads quoted fields with commas and quotes', async () => {
    expect(await read('"a,1",x\n"a,1","say ""y"""\r\n')).toMatchObject({
      userIds: ['a,1', 'a,1'],
      itemIds: ['x', 'say "y"'],
    })
  })

  it('reads ISO dates as times, in UTC where they have no zone', async () => {
    const text = 'a,noon,2026-07-01 12:00:00\na,day,2026-07-01\na,zoned,2026-07-01T12:30:00+01:00\n'
    // 12:30 one hour east of Greenwich is 11:30 there.
    expect(await read(text)).toMatchObject({
      itemIds: ['day', 'zoned', 'noon'],
      times: [Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 1, 11, 30), Date.UTC(2026, 6, 1, 12)],
    })
  })

  it('keeps the order of a table without time', async () => {
    expect((await read('a,x\nb,x\na,y')).itemIds).toEqual(['x', 'x', 'y'])
  })

  it.each([
    ['a,x,1\na,y,soon', 'line 2: expected a number as time'],
    ['a,x\na,', 'line 2: expected 2 columns, user and item not empty'],
    ['a,b,1,2', 'line 1: expected two or three columns'],
    ['1 2 3\n1,2', 'line 2: expected blanks'],
    ['\n \n', 'is empty'],
    ['a,x,1\na,y,2026-01-01', 'line 2: expected a number as time'],
    ['a,x,2026-01-01\na,y,1', 'line 2: expected an ISO date'],
    ['a,x,01/02/2026', 'line 1: expected a number or an ISO date'],
    ['a,x\nb,"y', 'line 2: a quote is not closed'],
    ['\na;x\nb;y', 'line 2: expected commas, tabs or blanks between user and item'],
    ['user;item;time\na;x;2026-01-01 10:00', 'line 1: expected commas, tabs or blanks'],
    ['1::2::5::978300760', 'line 1: expected commas, tabs or blanks'],
    ['a x\nb;y', 'line 2: expected commas, tabs or blanks'],
    ['\na\nb\n', 'line 2: expected an item behind a user'],
    ['user,item\n', 'line 1: expected an item behind a user'],
    ['a\tx\nb', 'line 2: expected 2 columns'],
    ['item,user\nx,a\ny', 'line 3: expected 2 columns'],
  ])('names the line that is wrong: %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })

  it('takes equal times in the order of the file, and numbers ids in the order of time', async () => {
    await writeFile(join(dir, 'file.txt'), 'a,late,9\nb,first,5\nb,second,5')
    const events = await readSequenceFile(join(dir, 'file.txt'))
    expect(events.items.ids).toEqual(['first', 'second', 'late'])
    expect(events.users.ids).toEqual(['b', 'a'])
  })

  it('puts a line together that the disk gives in two pieces', async () => {
    // Longer than the megabyte that is read at once, in characters of two bytes.
    const items = Array.from({ length: 100_000 }, (_, i) => `é${i}`)
    expect((await read(`u ${items.join(' ')}\nv last`)).itemIds).toEqual([...items, 'last'])
  })

  it('names a file that is not there', async () => {
    await expect(readSequenceFile(join(dir, 'none'))).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})
