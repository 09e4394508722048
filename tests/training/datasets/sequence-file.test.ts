import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

  it('keeps the order of a table without time', async () => {
    expect((await read('a,x\nb,x\na,y')).itemIds).toEqual(['x', 'x', 'y'])
  })

  it.each([
    ['a,x,1\na,y,soon', 'line 2: expected a number as time'],
    ['a,x\na,', 'line 2: expected 2 columns, none empty'],
    ['a,b,1,2', 'line 1: expected two or three columns'],
    ['1 2 3\n1,2', 'line 2: expected blanks'],
    ['\n \n', 'is empty'],
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
