import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { Trial } from './successive-halving.ts'

const lineSchema = z.object({
  settings: z.record(z.string(), z.unknown()),
  share: z.number(),
  ndcg: z.number(),
})

/** The trials of one search, kept as they end. */
export interface TrialLog {
  find(settings: Trial['settings'], share: number): Trial | undefined
  add(trial: Trial): Promise<void>
}

/**
 * Opens a log of trials: a line that says what is searched, then a line for each trial (JSON). A line that a killed process left half
 * written is passed over.
 *
 * @param file none: nothing is kept
 * @param identity what must be equal for the trials to mean anything
 * @throws AppError CONFLICT when the file belongs to another search
 */
export async function openTrialLog(
  file: string | undefined,
  identity: Readonly<Record<string, unknown>>,
): Promise<TrialLog> {
  if (file === undefined) return { find: () => undefined, add: async () => undefined }
  await mkdir(dirname(file), { recursive: true })
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const head = JSON.stringify(identity)
  const [first = '', ...lines] = text.split('\n')
  if (first === '') await appendFile(file, `${head}\n`)
  else if (first !== head) {
    throw new AppError(
      'CONFLICT',
      `${file} keeps another search: ${first}; expected ${head}. Name another file, or remove this one.`,
    )
  } else if (!text.endsWith('\n')) await appendFile(file, '\n')
  const known = new Map(lines.flatMap(parseLine).map((trial) => [keyOf(trial), trial]))
  return {
    find: (settings, share) => known.get(keyOf({ settings, share })),
    add: (trial) => appendFile(file, `${JSON.stringify(trial)}\n`),
  }
}

const keyOf = ({ settings, share }: Pick<Trial, 'settings' | 'share'>): string => JSON.stringify([settings, share])

function parseLine(line: string): Trial[] {
  try {
    return [lineSchema.parse(JSON.parse(line))]
  } catch {
    return []
  }
}
