import { Buffer, isUtf8 } from 'node:buffer'

export type TextEncodingName = 'utf-8' | 'utf-16le' | 'latin1'

const replacement = Buffer.from('\ufffd')
const byteOrderMark = Buffer.from('\ufeff')

/**
 * Turns a stream of bytes into UTF-8, in chunks of whole characters, without a byte order mark. Bytes that mean nothing in UTF-8
 * become U+FFFD.
 */
export class Utf8Chunks {
  /** How often the text has U+FFFD: what invalid UTF-8 becomes, here or before. */
  replacementCharacters = 0
  readonly #decoder: InstanceType<typeof TextDecoder>
  readonly #isUtf8: boolean
  /** Bytes of a character that goes on in the next chunk. */
  #carried: Buffer = Buffer.alloc(0)
  #begun = false

  constructor(encoding: TextEncodingName) {
    this.#isUtf8 = encoding === 'utf-8'
    // The mark is taken off below: what comes here need not be the beginning of the text.
    this.#decoder = new TextDecoder(encoding, { ignoreBOM: true })
  }

  push(chunk: Buffer): Buffer {
    if (!this.#isUtf8) return this.#counted(Buffer.from(this.#decoder.decode(chunk, { stream: true })))
    const bytes = this.#carried.length === 0 ? chunk : Buffer.concat([this.#carried, chunk])
    const end = endOfWholeCharacters(bytes)
    this.#carried = bytes.subarray(end)
    return this.#counted(this.#valid(bytes.subarray(0, end)))
  }

  end(): Buffer {
    return this.#counted(this.#isUtf8 ? this.#valid(this.#carried) : Buffer.from(this.#decoder.decode()))
  }

  /** Nearly all text is valid: looking costs a tenth of decoding. */
  #valid(bytes: Buffer): Buffer {
    return isUtf8(bytes) ? bytes : Buffer.from(this.#decoder.decode(bytes))
  }

  #counted(text: Buffer): Buffer {
    if (text.length === 0) return text
    const marked = !this.#begun && text.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    this.#begun = true
    for (let at = text.indexOf(replacement); at >= 0; at = text.indexOf(replacement, at + 1)) {
      this.replacementCharacters++
    }
    return marked ? text.subarray(byteOrderMark.length) : text
  }
}

/** Where the last character begins if it is not all there, else the length. A character of UTF-8 has at most four bytes. */
function endOfWholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return bytes.length
    if (byte < 0xc0) continue // not the first byte of its character
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}
