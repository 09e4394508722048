const newline = 10

/** A line of a file or a body. */
export interface Line {
  /** From 1. */
  readonly number: number
  /** Without its end; undefined for a line that is longer than the limit, which is left out. */
  readonly bytes: Uint8Array | undefined
}

/**
 * The lines of a stream of bytes, in groups as they arrive: those that a chunk completes. Blank lines are left out, and counted.
 *
 * @param longest bytes of a line; no more than these and a chunk are held at a time
 */
export async function* splitLines(source: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line[]> {
  let number = 1
  let held: Uint8Array[] = []
  let heldBytes = 0
  const complete = (last: Uint8Array): Line => {
    const tooLong = heldBytes + last.length > longest
    const bytes = tooLong ? undefined : held.length === 0 ? last : Buffer.concat([...held, last])
    held = []
    heldBytes = 0
    return { number: number++, bytes }
  }
  for await (const chunk of source) {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      lines.push(complete(chunk.subarray(start, end)))
      start = end + 1
    }
    heldBytes += chunk.length - start
    if (heldBytes > longest) held = []
    else if (start < chunk.length) held.push(chunk.subarray(start))
    const written = lines.filter(isWritten)
    if (written.length > 0) yield written
  }
  const rest = heldBytes > 0 ? [complete(new Uint8Array(0))].filter(isWritten) : []
  if (rest.length > 0) yield rest
}

/** False for a line of nothing but spaces, tabs and carriage returns. */
const isWritten = ({ bytes }: Line): boolean =>
  bytes === undefined || bytes.some((byte) => byte !== 32 && byte !== 9 && byte !== 13)
