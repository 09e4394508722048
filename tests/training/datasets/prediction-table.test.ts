import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PredictionColumns, readPredictionTable } from '../../../training/datasets/prediction-table.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'prediction-table-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Writes three files and reads them; a part that is not given is the same as the training part. */
async function read(parts: { train: string; valid?: string; test?: string }, wanted: Partial<PredictionColumns> = {}) {
  const files = { train: join(dir, 'train.csv'), valid: join(dir, 'valid.csv'), test: join(dir, 'test.csv') }
  await writeFile(files.train, parts.train)
  await writeFile(files.valid, parts.valid ?? parts.train)
  await writeFile(files.test, parts.test ?? parts.train)
  return readPredictionTable(files, { target: 'y', task: 'regression', leaveOut: [], ...wanted })
}

describe('readPredictionTable', () => {
  it('tells numbers, truth values, strings, moments and prose apart, in all parts', async () => {
    const table = await read({
      train:
        'a,b,c,d,t,y\n1,true,red,the first of several words,2024-03-04 05:06:07,10\nNA,false,,another text of many words,,20\n',
      valid: 'y,t,d,c,b,a\n30,2024-03-05,more of the same words,blue,true,2.5\n',
      test: 'a,b,c,d,t,y\ninf,,red,and the last of them,2024-03-06 00:00:00,40\n',
    })
    expect(table.numericNames).toEqual([
      'a',
      'b',
      'characters of d',
      'words of d',
      'share of capitals of d',
      'share of digits of d',
      'marks of d',
    ])
    const numbersOf = (row: number): number[] => [...table.numeric.subarray(7 * row, 7 * (row + 1))]
    expect(numbersOf(0)).toEqual([1, 1, 26, 5, 0, 0, 0])
    expect([1, 2, 3].map((row) => numbersOf(row).slice(0, 2))).toEqual([
      [Number.NaN, 0],
      [2.5, 1],
      [Number.NaN, Number.NaN],
    ])
    expect(table.texts).toEqual([
      ['the first of several words', 'another text of many words', 'more of the same words', 'and the last of them'],
    ])
    expect(table.textNames).toEqual(['d'])
    expect(table.categoricalNames).toEqual(['c', 'weekday of t', 'hour of t'])
    expect(table.categorical).toEqual([
      ['red', '', 'blue', 'red'],
      ['Monday', '', 'Tuesday', 'Wednesday'],
      ['5', '', '0', '0'],
    ])
    expect([...table.target]).toEqual([10, 20, 30, 40])
    expect(table.parts).toEqual({ train: Int32Array.of(0, 1), valid: Int32Array.of(2), test: Int32Array.of(3) })
    expect(table.leftOut).toEqual([])
    expect(table.groups).toBeUndefined()
  })

  it('takes numbers that name something for names: the group, and what is called an id', async () => {
    const header = 'author_id,id,userId,valid,paid,who,y\n'
    const table = await read({ train: `${header}7,1,5,1,2,3,10\n8,2,6,0,3,4,20\n` }, { group: 'who' })
    expect(table.categoricalNames).toEqual(['author_id', 'id', 'userId', 'who'])
    expect(table.numericNames).toEqual(['valid', 'paid'])
    expect(table.categorical[0]).toEqual(['7', '8', '7', '8', '7', '8'])
  })

  it('what is a number in training and a string in validation is a string, and says so', async () => {
    const table = await read({ train: 'a,y\n1,1\n2,2\n', valid: 'a,y\nx,3\n', test: 'a,y\n7,3\n' })
    expect(table.categorical).toEqual([['1', '2', 'x', '7']])
    expect(table.featureCount).toBe(0)
    expect(table.remarks).toEqual(['a is read as words: 1 of 3 values are no numbers, e.g. "x"'])
  })

  it('the test part changes nothing of what the others are: what does not fit is missing there', async () => {
    const train = 'a,t,f,y\n1,2024-03-04,true,1\n2,2024-03-05,false,2\n'
    const table = await read({ train, test: 'a,t,f,y\n?,soon,maybe,3\n' })
    expect(table.numericNames).toEqual(['a', 'f'])
    expect(table.categoricalNames).toEqual(['weekday of t', 'hour of t'])
    expect([...table.numeric.subarray(-2)]).toEqual([Number.NaN, Number.NaN])
    expect(table.categorical.map((values) => values.at(-1))).toEqual(['', ''])
    expect(table.remarks).toEqual([
      'a: 1 values of the test part are no number and count as missing',
      't: 1 values of the test part are no moment and count as missing',
      'f: 1 values of the test part are no truth and count as missing',
    ])
  })

  it('numbers far from zero keep what differs between them, and what is too large is missing', async () => {
    const table = await read({ train: 'a,b,y\n1700000000,1e300,1\n1700000001,2,2\n' })
    expect(table.numeric[2]! - table.numeric[0]!).toBe(1)
    expect([table.numeric[1], table.numeric[3]]).toEqual([Number.NaN, 2])
  })

  it('truth values are classes', async () => {
    const table = await read({ train: 'a,y\n1,true\n2,False\n' }, { task: 'binary' })
    expect([...table.target.subarray(0, 2)]).toEqual([1, 0])
  })

  it('groups are numbered across parts; the time and what is left out are no features', async () => {
    const table = await read(
      { train: 'who,at,other,a,y\nu,1,7,5,1\nv,2,8,6,2\n', test: 'who,at,other,a,y\nv,3,9,7,3\n' },
      { group: 'who', time: 'at', leaveOut: ['other'] },
    )
    expect(table.remarks).toEqual([
      'at is no moment such as 2024-03-04 05:06:07: there is no hour and no weekday of it',
    ])
    expect(table.groups).toEqual(Int32Array.of(1, 2, 1, 2, 2))
    expect(table.numericNames).toEqual(['a'])
    expect(table.categoricalNames).toEqual(['who'])
  })

  it('a name with quotes and blanks is a name', async () => {
    const table = await read({ train: '"a ""b"" c",y\n1,1\n2,2\n' })
    expect(table.numericNames).toEqual(['a "b" c'])
  })

  it.each([
    [
      'no target',
      { train: 'a,y\n1,1\n2,\n' },
      {},
      /train\.csv, row 2: y is missing, or no number; expected a number within ±10¹⁵/,
    ],
    ['an infinite target', { train: 'a,y\n1,1\n2,2\n', valid: 'a,y\n1,inf\n' }, {}, /valid\.csv, row 1: y is Infinity/],
    [
      'a third class',
      { train: 'a,y\n1,1\n2,0\n', test: 'a,y\n1,0\n2,2\n' },
      { task: 'binary' },
      /test\.csv, row 2: y is 2; expected 0 or 1/,
    ],
    ['a missing column', { train: 'a,b,y\n1,1,1\n2,2,2\n', valid: 'a,y\n1,1\n' }, {}, /valid\.csv has no column b/],
    ['an unknown target', { train: 'a,z\n1,1\n' }, {}, /no column y \(--target\); it has a, z/],
    ['an unknown column to leave out', { train: 'a,y\n1,1\n' }, { leaveOut: ['q'] }, /no column q \(--leave-out\)/],
    ['one class only', { train: 'a,y\n1,1\n2,1\n' }, { task: 'binary' }, /y is 1 in every row of .*train\.csv/],
    ['a target that is too large', { train: 'a,y\n1,1e308\n2,2\n' }, {}, /train\.csv, row 1: y is 1e\+308/],
    ['two columns of one name', { train: 'a,y,A\n1,1,2\n2,2,3\n' }, {}, /train\.csv has two columns A/],
    ['rows of several lengths', { train: 'a,y\n1,1\n2,2,3\n4,4\n' }, {}, /train\.csv cannot be read/],
    ['nothing but the target', { train: 'y\n1\n2\n' }, {}, /train\.csv has no column to foretell y from/],
    ['an empty part', { train: 'a,y\n1,1\n2,2\n', test: 'a,y\n' }, {}, /test\.csv has no rows/],
  ] as const)('%s: says where', async (_, parts, wanted, message) => {
    await expect(read(parts, wanted)).rejects.toThrow(message)
  })

  it('a folder named like a column adds none', async () => {
    const folder = join(dir, 'a=9')
    await mkdir(folder, { recursive: true })
    const file = join(folder, 'rows.csv')
    await writeFile(file, 'a,y\n1,1\n2,2\n')
    const files = { train: file, valid: file, test: file }
    const table = await readPredictionTable(files, { target: 'y', task: 'regression', leaveOut: [] })
    expect([...table.numeric]).toEqual([1, 2, 1, 2, 1, 2])
  })

  it('a file that is not there: says which', async () => {
    const files = { train: join(dir, 'nowhere.csv'), valid: 'v', test: 't' }
    await expect(readPredictionTable(files, { target: 'y', task: 'binary', leaveOut: [] })).rejects.toThrow(
      /--train .*nowhere\.csv cannot be read/,
    )
  })
})
