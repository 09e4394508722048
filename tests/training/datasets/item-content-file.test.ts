import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { itemContent, openItemContentFile } from '../../../training/datasets/item-content-file.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'item-content-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function read(text: string, items: readonly string[]) {
  const file = join(dir, 'items.csv')
  await writeFile(file, text)
  return itemContent(await openItemContentFile(file), items)
}

describe('itemContent', () => {
  it('puts lines in the order of the items; one without a line stays empty, others are left out', async () => {
    const content = await read('item,title:text,year:number\nb,Bee,1990\nstranger,X,1\na,Ant,\n', ['a', 'b', 'c'])
    expect(content.texts).toEqual(['Ant', 'Bee', ''])
    expect([...content.numbers.year!]).toEqual([Number.NaN, 1990, Number.NaN])
  })

  it('tells by its values what a column holds', async () => {
    const rows = Array.from(
      { length: 8 },
      (_, i) => `i${i},A film about ${i} things and more,${i % 2 ? 'Drama' : 'Comedy'},x|y${i},${i}.5`,
    )
    const content = await read(`id,plot,genre,tags,score\n${rows.join('\n')}`, ['i1', 'i2'])
    expect(content.texts).toEqual(['A film about 1 things and more', 'A film about 2 things and more'])
    expect(content.categories).toEqual({ genre: ['Drama', 'Comedy'], tags: ['x|y1', 'x|y2'] })
    expect([...content.numbers.score!]).toEqual([1.5, 2.5])
  })

  it('reads the typed headers of RecBole', async () => {
    const text = 'item_id:token\tmovie_title:token_seq\tyear:float\tstudio:token\n1\tToy "Story"\t1995\tPixar\n'
    expect(await read(text, ['1'])).toEqual({
      texts: ['Toy "Story"'],
      categories: { studio: ['Pixar'] },
      numbers: { year: Float32Array.of(1995) },
    })
  })

  it('joins text columns, and reads quoted fields with commas, quotes and line ends', async () => {
    const text = 'item,title:text,plot:text\r\na,"Bread, butter","She said ""no"".\nEnd"\r\nb,Plain,\r\n'
    expect((await read(text, ['a', 'b'])).texts).toEqual(['Bread, butter She said "no".\nEnd', 'Plain'])
  })

  it('reads a quoted header behind a byte order mark', async () => {
    expect((await read('\uFEFF"item","title:text"\na,Ant', ['a'])).texts).toEqual(['Ant'])
  })

  it.each([
    ['item,title\na,x\nb', 'line 3: expected 2 columns as in the header, the first not empty; got 1'],
    ['item,title\na,"one\ntwo"\nb,x,y', 'line 4: expected 2 columns'],
    ['item,title\na,x\na,y', 'line 3: expected one line for each item; a is in line 2 already'],
    ['item,year:number\na,x', 'line 2: expected a number or nothing as year:number; got "x"'],
    ['item,year:date\na,x', 'line 1: expected one of text, category, number'],
    ['item,title\na,"x\n', 'line 2: a quote is not closed'],
    ['a', 'line 1: expected a header'],
    ['a,guitar\nb,drum', 'line 1: expected a header that names the columns'],
    ['"a",guitar', 'its first name is "a", which is the id of an item. Put a header above it'],
    ['0,guitar\na,drum', 'its first name is "0", which is a number'],
    ['', 'line 1: expected a header'],
    ['item,title\n', 'describes none of the 1 items: it has no line below the header'],
    ['item,title\n0a,x', 'describes none of the 1 items: the one has e.g. "a", the other "0a"'],
  ])('names the line that is wrong: %j', async (text, message) => {
    await expect(read(text, ['a'])).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(message),
    })
  })

  it('names a file that is not there', async () => {
    await expect(openItemContentFile(join(dir, 'none'))).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})
