import { type FileHandle, open } from 'node:fs/promises'
import process from 'node:process'
import { AppError } from '../errors.ts'
import { answerLines, type UnreadLine } from '../serving/http/answer-lines.ts'
import { parseInput, problemOf } from '../serving/http/problem.ts'
import { answerEach, type PredictionKind } from '../serving/http/routes/prediction-kinds.ts'
import { jsonLines } from '../serving/http/stream-lines.ts'
import type { CommandContext } from './command.ts'
import { draftRows } from './draft-rows.ts'
import type { Predictor } from './open-predictor.ts'

/**
 * Answers a file of drafts line by line.
 *
 * @param input  NDJSON; CSV where the name ends in `.csv`; `-` for standard input
 * @param output undefined for standard output
 * @throws AppError INPUT_INVALID when the file cannot be read, or has a column that is no field of a draft | DISK_FULL | CANCELLED
 */
export async function predictLines(
  { print, signal }: CommandContext,
  kind: PredictionKind,
  { model, store, world }: Predictor<PredictionKind['name']>,
  input: string,
  output: string | undefined,
): Promise<void> {
  const source = await openInput(input, kind)
  const file = output === undefined ? undefined : await openFile(output, 'w')
  let wrong = 0
  const lines = {
    parse: (line: unknown) => parseInput(kind.body, line),
    answer: (drafts: Parameters<typeof answerEach>[3]) => answerEach(kind, model, store, drafts, world),
  }
  const problem = (error: AppError) => {
    wrong++
    const { code, detail, errors } = problemOf(error, '', '')
    return { code, detail, errors }
  }
  let answered = 0
  try {
    for await (const text of answerLines(source, lines, problem)) {
      signal.throwIfAborted()
      if (file === undefined) print(text.trimEnd())
      else await file.writeFile(text)
      answered += text.split('\n').length - 1
    }
  } finally {
    await file?.close()
  }
  if (output !== undefined)
    print(`${output}: ${answered} lines by ${model.name} version ${model.version}, ${wrong} of them problems`)
  if (wrong > 0) process.exitCode = 1
}

async function openInput(input: string, kind: PredictionKind): Promise<AsyncIterable<readonly UnreadLine[]>> {
  if (input === '-') return jsonLines(process.stdin)
  const file = await openFile(input, 'r')
  if (!input.toLowerCase().endsWith('.csv')) return jsonLines(file.createReadStream())
  const text = await file.readFile('utf8').finally(() => file.close())
  return draftRows(input, text, kind.name)
}

async function openFile(path: string, flags: 'r' | 'w'): Promise<FileHandle> {
  let file: FileHandle
  try {
    file = await open(path, flags)
  } catch (error) {
    throw unusable(path, (error as Error).message, error)
  }
  if (!(await file.stat()).isDirectory()) return file
  await file.close()
  throw unusable(path, 'it is a folder')
}

const unusable = (path: string, why: string, cause?: unknown): AppError =>
  new AppError('INPUT_INVALID', `${path} cannot be used: ${why}. Give another file.`, { cause })
