import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AppError, toAppError } from '../../errors.ts'
import { type RecordFormat, RecordNumberer } from './record-numberer.ts'
import { Utf8Chunks } from './utf8-chunks.ts'

export interface TextFormat extends RecordFormat {
  readonly encoding?: 'utf-8' | 'latin1'
}

/** How much is read and worked on at once, bytes. */
const chunkBytes = 1 << 20

/** A text file with the line number written before each record. */
export interface NumberedText {
  readonly path: string
  readonly source: string
  readonly separator: string
  readonly quoted: boolean
  /** The first record, e.g. the header; empty for an empty file. */
  readonly firstRecord: string
  readonly records: number
  /** No record is longer than this, bytes. */
  readonly longestRecord: number
  /** How often the text has U+FFFD: what invalid UTF-8 becomes, here or before. */
  readonly replacementCharacters: number
}

/**
 * Copies a text file, plain or gzip, so that the database can load it without surprises: UTF-8, `\n` line ends, no blank lines, and
 * before each record the line it starts on, by which rejected rows are named. DuckDB's own reader would drop records with invalid
 * UTF-8 and cannot number lines.
 *
 * @throws AppError INPUT_INVALID when the file cannot be read or its gzip stream is cut off | DISK_FULL
 */
export async function numberText(source: string, target: string, format: TextFormat): Promise<NumberedText> {
  const start = await firstBytes(source)
  const gzip = start[0] === 0x1f && start[1] === 0x8b
  const utf16 = start[0] === 0xff && start[1] === 0xfe
  const decoded = new Utf8Chunks(utf16 ? 'utf-16le' : (format.encoding ?? 'utf-8'))
  const numberer = new RecordNumberer(format)
  async function* numbered(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) yield numberer.push(decoded.push(chunk))
    yield numberer.push(decoded.end())
    yield numberer.end()
  }
  try {
    const input = createReadStream(source, { highWaterMark: chunkBytes })
    const output = createWriteStream(target)
    if (gzip) await pipeline(input, createGunzip({ chunkSize: chunkBytes }), numbered, output)
    else await pipeline(input, numbered, output)
  } catch (error) {
    const known = toAppError(error)
    if (known.code === 'DISK_FULL') throw known
    throw new AppError(
      'INPUT_INVALID',
      `Expected a readable ${gzip ? 'gzip ' : ''}text file in ${source}; reading it failed: ${known.message}. Get the file again; nothing was imported.`,
      { cause: error, details: { file: source } },
    )
  }
  const { firstRecord, records, longestRecord } = numberer
  const { replacementCharacters } = decoded
  const { separator, quoted } = format
  return { path: target, source, separator, quoted, firstRecord, records, longestRecord, replacementCharacters }
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(4), 0, 4)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new AppError(
      'INPUT_INVALID',
      `Expected a readable file ${path}: ${toAppError(error).message}. Check the path; nothing was imported.`,
      { cause: error, details: { file: path } },
    )
  }
}
