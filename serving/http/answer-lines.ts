import { AppError, toAppError } from '../../errors.ts'

/** Takes a body per line and gives an answer per line. */
export interface LineHandler<L = unknown> {
  /** @throws FieldErrors */
  readonly parse: (line: unknown) => L
  /** @returns an answer for each, in order; an error for one that cannot be answered though the others can */
  readonly answer: (lines: readonly L[]) => Promise<readonly (object | AppError)[]>
}

/** A line before it is read. */
export interface UnreadLine {
  readonly number: number
  /** @throws AppError */
  readonly read: () => unknown
}

/** Lines that are answered in one go, between which others get their turn. */
const batchSize = 128

/**
 * Answers lines in their order and in batches: a line of JSON for each, with its number as `line`. A wrong line is answered by its
 * problem, and so is each line of a batch that fails as a whole; the others are answered all the same. What is a bug is thrown.
 *
 * @param groups  of lines, as they arrive: what is there is answered before more is read
 * @param problem what a client reads of an error
 */
export async function* answerLines<L>(
  groups: AsyncIterable<readonly UnreadLine[]>,
  { parse, answer }: LineHandler<L>,
  problem: (error: AppError) => object,
): AsyncGenerator<string> {
  for await (const group of groups) {
    for (let from = 0; from < group.length; from += batchSize) {
      const batch = group.slice(from, from + batchSize)
      const parsed = batch.map(({ read }) => attempt(() => ({ draft: parse(read()) })))
      const good = parsed.flatMap((one) => (one instanceof AppError ? [] : [one.draft]))
      const answers = good.length === 0 ? [] : await answerAll(answer, good)
      let next = 0
      const text = parsed.map((one, i) => {
        const answered = one instanceof AppError ? one : answers[next++]!
        return JSON.stringify({
          line: batch[i]!.number,
          ...(answered instanceof AppError ? problem(answered) : answered),
        })
      })
      yield `${text.join('\n')}\n`
    }
  }
}

async function answerAll<L>(
  answer: LineHandler<L>['answer'],
  lines: readonly L[],
): Promise<readonly (object | AppError)[]> {
  try {
    return await answer(lines)
  } catch (thrown) {
    const error = expected(thrown)
    return lines.map(() => error)
  }
}

function attempt<T>(body: () => T): T | AppError {
  try {
    return body()
  } catch (thrown) {
    return expected(thrown)
  }
}

/** @throws what is a bug */
function expected(thrown: unknown): AppError {
  const error = toAppError(thrown)
  if (error.code === 'INTERNAL') throw thrown
  return error
}
