import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { headerOf } from '../../../pipelines/import/header.ts'
import { numberText, type TextFormat } from '../../../pipelines/import/numbered-text.ts'
import { createImportWorld, type ImportWorld } from '../../support/import-world.ts'

let world: ImportWorld
beforeAll(async () => {
  world = await createImportWorld()
})
afterAll(() => world.remove())

const comma: TextFormat = { separator: ',', quoted: true }
const tab: TextFormat = { separator: '\t', quoted: false }

async function numbered(content: string | Uint8Array, format: TextFormat) {
  const text = await numberText(await world.file('in', content), join(world.folder, 'out'), format)
  return { ...text, out: await readFile(text.path, 'utf8') }
}

describe('numberText', () => {
  it('plain lines, with Windows ends, blanks and no last line end, are numbered by the file', async () => {
    const text = await numbered('a\tb\r\n\r\nc\t"d', tab)
    expect(text.out).toBe('1\ta\tb\n3\tc\t"d\n')
    expect(text).toMatchObject({ records: 2, firstRecord: 'a\tb' })
  })

  it('quoted fields, with line breaks, stay one record with the line it starts on', async () => {
    expect((await numbered('a,b\n"x\ny","1, ""2"""\nz,5" screen\nlast,\n', comma)).out).toBe(
      '1,a,b,~\n2,"x\ny","1, ""2""",~\n4,z,5" screen,~\n5,last,,~\n',
    )
  })

  it('a record across the reader’s chunks is not torn', async () => {
    const long = 'é'.repeat(1_500_000)
    const text = await numbered(`a,"${long}\n"\nb,c\n`, comma)
    expect(text.records).toBe(2)
    expect(text.out).toBe(`1,a,"${long}\n",~\n3,b,c,~\n`)
    expect(text.longestRecord).toBeGreaterThan(3_000_000)
  })

  it('a line end torn by the reader’s chunks is one, and a carriage return elsewhere is text', async () => {
    const full = 'x'.repeat(2 ** 20 - 1) // the return is the last byte of the first chunk
    expect((await numbered(`${full}\r\nb\n`, tab)).out).toBe(`1\t${full}\n2\tb\n`)
    expect((await numbered(`${full}\rb\r\n\r\n"c\r\n",d\r`, comma)).out).toBe(`1,${full}\rb,~\n3,"c\r\n",d,~\n`)
  })

  it('gzip, a byte order mark and UTF-16 are understood', async () => {
    expect((await numbered(gzipSync('\ufeffa,b\n'), comma)).out).toBe('1,a,b,~\n')
    expect((await numbered(Buffer.from('\ufeffa,é\n', 'utf16le'), comma)).out).toBe('1,a,é,~\n')
  })

  it('invalid UTF-8 is replaced and counted; Latin-1 is read as such', async () => {
    const bytes = Buffer.from('caf\xe9\tx\n', 'latin1')
    expect(await numbered(bytes, tab)).toMatchObject({ out: '1\tcaf\ufffd\tx\n', replacementCharacters: 1 })
    expect((await numbered(bytes, { ...tab, encoding: 'latin1' })).out).toBe('1\tcafé\tx\n')
  })

  it.skipIf(!existsSync('/dev/full'))(
    `a full disk${existsSync('/dev/full') ? '' : ' (skipped: there is no /dev/full)'} is told as such`,
    async () => {
      const source = await world.file('in', 'a,b\n'.repeat(100_000))
      await expect(numberText(source, '/dev/full', comma)).rejects.toMatchObject({ code: 'DISK_FULL' })
    },
  )
})

describe('headerOf', () => {
  it('quoted, spaced and empty names become plain names', async () => {
    expect(headerOf(await numbered(',"a ""b"", c", d ,\n', comma))).toEqual(['column 1', 'a "b", c', 'd', 'column 4'])
  })
})
