import { AppError } from '../../errors.ts'
import type { UnreadLine } from './answer-lines.ts'
import type { Patience } from './patience.ts'

/**
 * Lines for as long as they keep coming: where none comes for `requestTimeout`, or the last has not come within `streamMs`, a line that
 * cannot be read says so and is the last. Time in which nobody asks for lines counts for the whole stream only.
 */
export async function* pacedLines(
  groups: AsyncGenerator<readonly UnreadLine[]>,
  { requestTimeout, streamMs }: Pick<Patience, 'requestTimeout' | 'streamMs'>,
): AsyncGenerator<readonly UnreadLine[]> {
  const end = performance.now() + streamMs
  let number = 1
  for (let left = streamMs; left > 0; left = end - performance.now()) {
    const next = await within(groups.next(), Math.min(left, requestTimeout))
    if (next === 'late' && left > requestTimeout) {
      yield [{ number, read: () => refuseStall(requestTimeout) }]
      return
    }
    if (next === 'late') break
    if (next.done) return
    yield next.value
    number = next.value.at(-1)!.number + 1
  }
  yield [{ number, read: () => refuseLength(streamMs) }]
  await discard(groups, requestTimeout)
}

/** Reads on for a while, so that a client that only sends comes to hear of the end before its connection breaks. */
async function discard(groups: AsyncGenerator<unknown>, ms: number): Promise<void> {
  const end = performance.now() + ms
  for (let left = ms; left > 0; left = end - performance.now()) {
    const next = await within(groups.next(), left)
    if (next === 'late' || next.done) return
  }
}

const within = <T>(promise: Promise<T>, ms: number): Promise<T | 'late'> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, 'late')
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })

function refuseStall(requestTimeout: number): never {
  throw new AppError(
    'INPUT_INVALID',
    `Expected the next line within ${requestTimeout / 1000} seconds, got none. Nothing from here on is answered; send the rest apart.`,
  )
}

function refuseLength(streamMs: number): never {
  throw new AppError(
    'TOO_LARGE',
    `The stream took longer than ${streamMs / 1000} seconds. Nothing from here on is answered; send the rest apart.`,
  )
}
