import { pipeline } from 'node:stream/promises'
import type { RequestHandler } from 'express'
import { AppError } from '../../errors.ts'
import { answerLines, type LineHandler, type UnreadLine } from './answer-lines.ts'
import { streaming } from './fast-server.ts'
import { pacedLines } from './paced-lines.ts'
import type { Patience } from './patience.ts'
import { HttpRefusal, problemOf } from './problem.ts'
import { parseJson } from './read-json.ts'
import { factsOf } from './request-facts.ts'
import { splitLines } from './split-lines.ts'

/** A draft with the longest texts, each character escaped, has this many bytes. */
export const longestLine = 256 * 1024
/** A stream that breaks is sent again as a whole: longer ones are better sent in parts. */
export const mostLines = 20_000

/** How a route answers NDJSON (https://github.com/ndjson/ndjson-spec), one JSON text per line. */
export interface RouteLines extends LineHandler {
  /** @throws AppError that keeps every line from an answer, such as a model that is missing */
  readonly ready: () => Promise<void>
}

/** Passes what is no NDJSON on to the next route. */
export const onlyLines: RequestHandler = (request, _response, next) => {
  const type = request.headers['content-type'] ?? ''
  next(/^application\/(x-)?(ndjson|jsonl)\s*(;|$)/i.test(type) ? undefined : 'route')
}

/**
 * Answers a stream of lines by a stream of lines, as fast as the client reads: what it does not read is not computed, and no more of its
 * request is taken in. One problem answers all lines beyond the limit, and ends a stream that stalls or takes too long.
 */
export function streamLines(lines: RouteLines, patience: Patience): RequestHandler {
  return async (request, response, next) => {
    const encoding = request.headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') {
      throw new HttpRefusal(415, 'INPUT_INVALID', `Expected NDJSON without content-encoding, got ${encoding}.`)
    }
    await lines.ready()
    response.setHeader('content-type', 'application/x-ndjson; charset=utf-8')
    const { requestId } = factsOf(response)
    const { socket } = request
    streaming.add(socket)
    try {
      await pipeline(
        request,
        (source: AsyncIterable<Uint8Array>) =>
          answerLines(limited(pacedLines(jsonLines(source), patience)), lines, (error) =>
            problemOf(error, request.originalUrl, requestId),
          ),
        response,
      )
      // What the client may still send belongs to a stream that is over.
      if (!request.complete) socket.destroySoon()
    } catch (error) {
      if (!isGone(error)) next(error)
    } finally {
      streaming.delete(socket)
    }
  }
}

/** True of a client that went away, before it sent or read everything. */
const isGone = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(error.code))

/** The lines of a stream, each to be read as JSON. */
export async function* jsonLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<UnreadLine[]> {
  for await (const group of splitLines(source, longestLine)) {
    yield group.map(({ number, bytes }) => ({
      number,
      read: () => {
        if (bytes !== undefined) return parseJson(bytes)
        throw new AppError('TOO_LARGE', `Line ${number} is longer than ${longestLine} bytes, the most for one draft.`)
      },
    }))
  }
}

/** The first lines; what follows is read, so that the client comes to hear of it, and thrown away. */
async function* limited(groups: AsyncIterable<readonly UnreadLine[]>): AsyncGenerator<readonly UnreadLine[]> {
  let taken = 0
  for await (const group of groups) {
    if (taken > mostLines) continue
    const rest = group.slice(0, mostLines - taken)
    const first = group[rest.length]
    taken += group.length
    if (first === undefined) yield rest
    else yield [...rest, { number: first.number, read: refuseMore }]
  }
}

function refuseMore(): never {
  throw new AppError(
    'TOO_LARGE',
    `More than ${mostLines} lines. Nothing from here on is answered; send the rest apart.`,
  )
}
