import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { type NamedVectors, readParquetVectors } from '../../features/sources/parquet-vectors.ts'
import type { Interactions } from '../datasets/interactions.ts'
import { trainingSetFactsSchema } from '../datasets/training-set-facts.ts'
import { exportFactors } from '../export/factors-onnx.ts'
import type { FittedRecommender } from '../families/family.ts'
import { factorScores } from './factor-scores.ts'

const factsSchema = z.object({
  format: z.literal(1),
  rank: z.number().int().min(1),
  /** Of the fit; kept as they are. */
  settings: z.record(z.string(), z.unknown()),
  trainingSet: trainingSetFactsSchema,
})

/** `factors.json`: how factors were fitted, and on what. */
export type FactorFacts = z.infer<typeof factsSchema>

/** @throws AppError INPUT_INVALID when the folder has no finished factors */
export async function readFactorFacts(folder: string): Promise<FactorFacts> {
  const file = join(folder, 'factors.json')
  const wrong = (got: string, cause: unknown): AppError =>
    new AppError(
      'INPUT_INVALID',
      `${file}: expected what pipelines/spark/ials.py writes when it is done; ${got}. Fit the factors again; nothing was imported.`,
      { cause, details: { folder } },
    )
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw wrong(`it cannot be read (${(error as NodeJS.ErrnoException).code})`, error)
  }
  try {
    return factsSchema.parse(JSON.parse(text))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw wrong(`got ${problem}`, error)
  }
}

/**
 * Factors that were fitted elsewhere, as the recommender that they are: score(u, i) = x_uᵀy_i. It knows users by their index; an item that was
 * not learned from scores 0.
 *
 * @param folder `users/` (user_id, factors), `items/` (content_id, factors) and factors.json
 * @param fitted what the factors must have been fitted on: its users and items are theirs
 * @throws AppError INPUT_INVALID for files that do not hold such factors, or not of these users and items
 */
export async function importFactors(
  folder: string,
  { rank }: FactorFacts,
  fitted: Interactions,
): Promise<FittedRecommender> {
  const read = (of: string, id: string): Promise<NamedVectors> =>
    readParquetVectors(join(folder, of), { id, vector: 'factors' }, rank)
  const learned = new Set(fitted.itemIndices)
  const users = inOrder(
    await read('users', 'user_id'),
    fitted.users,
    (user) => fitted.offsets[user + 1]! > fitted.offsets[user]!,
    {
      rank,
      what: 'user',
      folder,
    },
  )
  const items = inOrder(await read('items', 'content_id'), fitted.items, (item) => learned.has(item), {
    rank,
    what: 'content',
    folder,
  })
  const factorsOf = (user: number): Float32Array => users.subarray(user * rank, (user + 1) * rank)
  const scoring = factorScores({ rows: fitted.items.length, columns: rank, values: items }, factorsOf)
  return {
    name: 'ials',
    foldsIn: false,
    chosen: {},
    ...scoring,
    save: () => ({ json: { embeddingSize: rank }, arrays: { userFactors: users, itemFactors: items } }),
    serving: () => exportFactors({ users, items }, rank, scoring.score),
    close: () => undefined,
  }
}

/** Vectors in the order of `ids`; zeros where nothing was learned from. */
function inOrder(
  named: NamedVectors,
  ids: readonly string[],
  isLearned: (index: number) => boolean,
  { rank, what, folder }: { readonly rank: number; readonly what: string; readonly folder: string },
): Float32Array {
  const wrong = (problem: string): AppError =>
    new AppError(
      'INPUT_INVALID',
      `${folder}: ${problem}. Factors and marts must belong together: \`contentflow export interactions\`, fit, import; nothing was imported.`,
      { details: { folder } },
    )
  const indexOf = new Map(ids.map((id, index) => [id, index]))
  const ordered = new Float32Array(ids.length * rank)
  const missing = new Set([...ids.keys()].filter(isLearned))
  for (const [row, id] of named.ids.entries()) {
    const index = indexOf.get(id)
    if (index === undefined) throw wrong(`expected factors of the training set only; the ${what} ${id} is not in it`)
    ordered.set(named.vectors.subarray(row * rank, (row + 1) * rank), index * rank)
    missing.delete(index)
  }
  const [first] = missing
  if (first === undefined) return ordered
  throw wrong(`expected factors of every ${what} in the training set; ${missing.size} have none, e.g. ${ids[first]}`)
}
