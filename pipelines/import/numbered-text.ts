import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AppError, toAppError } from '../../errors.ts'

export interface TextFormat {
  /** Between fields: one character where `quoted`. */
  readonly separator: string
  /** Whether a field in double quotes may hold separators and line breaks. */
  readonly quoted: boolean
  readonly encoding?: 'utf-8' | 'latin1'
}

/** Last field of each record of a quoted format: DuckDB would drop surplus fields there in silence, and this one shows it. */
export const endMark = '~'

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
  const decoder = new TextDecoder(utf16 ? 'utf-16le' : (format.encoding ?? 'utf-8'))
  const numberer = new RecordNumberer(format)
  let replacementCharacters = 0
  const take = (text: string): string => {
    for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) replacementCharacters++
    return numberer.push(text)
  }
  async function* numbered(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
    for await (const chunk of chunks) yield take(decoder.decode(chunk, { stream: true }))
    yield take(decoder.decode()) + numberer.end()
  }
  try {
    const input = createReadStream(source, { highWaterMark: 1 << 20 })
    const output = createWriteStream(target)
    if (gzip) await pipeline(input, createGunzip(), numbered, output)
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

const quote = 34
const newline = 10

/** Cuts a stream of text into records and writes each behind its line number. */
class RecordNumberer {
  firstRecord = ''
  records = 0
  longestRecord = 0
  readonly #separator: string
  readonly #quoted: boolean
  #line = 1
  #recordLine = 1
  /** Text of the record that goes on in the next chunk. */
  #pending = ''
  /** In a field that began with a quote: whether inside the quotes. Quotes elsewhere mean themselves. */
  #inQuotes = false
  #fieldIsQuoted = false
  #atFieldStart = true

  constructor({ separator, quoted }: TextFormat) {
    this.#separator = separator
    this.#quoted = quoted
  }

  push(text: string): string {
    return this.#quoted ? this.#pushQuoted(text) : this.#pushPlain(text)
  }

  end(): string {
    const last = this.#pending
    this.#pending = ''
    return this.#emit(last)
  }

  #pushPlain(text: string): string {
    let out = ''
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      out += this.#emit(this.#pending + text.slice(from, at))
      this.#pending = ''
      from = at + 1
      this.#line++
      this.#recordLine = this.#line
    }
    this.#pending += text.slice(from)
    return out
  }

  #pushQuoted(text: string): string {
    const separator = this.#separator.charCodeAt(0)
    let out = ''
    let from = 0
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === quote) {
        if (this.#atFieldStart) {
          this.#fieldIsQuoted = true
          this.#inQuotes = true
        } else if (this.#fieldIsQuoted) this.#inQuotes = !this.#inQuotes
        this.#atFieldStart = false
      } else if (code === newline) {
        this.#line++
        if (this.#inQuotes) continue
        out += this.#emit(this.#pending + text.slice(from, at))
        this.#pending = ''
        from = at + 1
        this.#recordLine = this.#line
        this.#startField()
      } else if (code === separator && !this.#inQuotes) this.#startField()
      else this.#atFieldStart = false
    }
    this.#pending += text.slice(from)
    return out
  }

  #startField(): void {
    this.#atFieldStart = true
    this.#fieldIsQuoted = false
  }

  #emit(record: string): string {
    const text = record.endsWith('\r') ? record.slice(0, -1) : record
    if (text === '') return ''
    if (this.records === 0) this.firstRecord = text
    this.records++
    // A UTF-16 unit is at most 3 bytes of UTF-8; 24 leave room for the line number.
    this.longestRecord = Math.max(this.longestRecord, 3 * text.length + 24)
    const end = this.#quoted ? `${this.#separator}${endMark}` : ''
    return `${this.#recordLine}${this.#separator}${text}${end}\n`
  }
}
