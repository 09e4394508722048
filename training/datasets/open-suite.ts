import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { ItemContent } from '../families/family.ts'
import { groupByUser, groupEvents } from './group-by-user.ts'
import type { Interactions } from './interactions.ts'
import { type InteractionsSplit, splitByTime, splitLeaveLast } from './interactions-split.ts'
import { readSequenceFile } from './sequence-file.ts'
import { splitByUserGroup } from './user-group-split.ts'

export const suiteNames = ['ml1m', 'ml100k', 'ml100k-time', 'ml100k-users'] as const
type SuiteName = (typeof suiteNames)[number]

/** @throws AppError CONFIG_INVALID for another name */
export function parseSuiteName(name: string): SuiteName {
  const known = suiteNames.find((suite) => suite === name)
  if (known !== undefined) return known
  throw new AppError('CONFIG_INVALID', `There is no suite ${name}; expected one of ${suiteNames.join(', ')}.`)
}

/** A public data set with the protocol under which its figures were published. */
export interface Suite {
  readonly name: SuiteName
  /** What a table's heading says of the data. */
  readonly title: string
  /** The whole sequences, held-out parts included. */
  readonly interactions: Interactions
  /** Leave-one-out: each user's last item is the test, the second-last the validation; by time: one cut for everyone; by people: some are held out wholly. */
  readonly split: InteractionsSplit
  /** Titles, years and genres. */
  readonly content: ItemContent
}

/** The folder of each set, and the file that it is known by. */
const files = {
  ml1m: { folder: 'ml1m_sequences', marker: 'sequences.txt', open: openMl1m },
  ml100k: { folder: 'ml-100k', marker: 'ml-100k.inter', open: openMl100k },
  'ml100k-time': { folder: 'ml-100k', marker: 'ml-100k.inter', open: openMl100kByTime },
  'ml100k-users': { folder: 'ml-100k', marker: 'ml-100k.inter', open: openMl100kByUsers },
} as const

/**
 * Opens a data set of the benchmark tables with its splits.
 *
 * Every event counts, whatever its rating. Equal times keep the order of the file: on ml-100k half of all steps tie, and another rule
 * moves HR@10 by a third.
 *
 * @param dataDir folder that holds `ml1m_sequences/` or `ml-100k/`, or that folder itself
 * @throws AppError CONFIG_INVALID for another name; INPUT_INVALID when a file is missing, naming it
 */
export async function openSuite(name: string, dataDir: string): Promise<Suite> {
  const { folder, marker, open } = files[parseSuiteName(name)]
  const dir = [join(dataDir, folder), dataDir].find((candidate) => existsSync(join(candidate, marker)))
  if (dir === undefined) {
    throw new AppError(
      'INPUT_INVALID',
      `${dataDir} has no ${folder}/${marker}; give the folder that the data set ${folder} was downloaded to.`,
    )
  }
  return open(dir)
}

/** MovieLens-1M, ratings of 3 and more as sequences without times. */
async function openMl1m(dir: string): Promise<Suite> {
  const interactions = groupEvents(await readSequenceFile(join(dir, 'sequences.txt')), keepAll)
  const films = new Map<string, Film>()
  for (const line of await linesOf(join(dir, 'item_list.txt'))) {
    // org_id remap_id "title (year)" genre|genre
    const found = /^\S+ (\S+) "?(.*?) \((\d{4})\)"? (\S+)$/.exec(line)
    if (found) films.set(found[1]!, { title: found[2]!, genres: found[4]!, year: Number(found[3]) })
  }
  return {
    name: 'ml1m',
    title: 'MovieLens-1M, sequences of ratings ≥ 3',
    interactions,
    split: splitLeaveLast(interactions),
    content: filmContent(interactions, films),
  }
}

async function openMl100k(dir: string): Promise<Suite> {
  // A stable sort: ties in the order of the file.
  const interactions = numberedById((await readRatings(dir)).toSorted((a, b) => a.time - b.time))
  return {
    name: 'ml100k',
    title: 'MovieLens-100k, all ratings',
    interactions,
    split: splitLeaveLast(interactions),
    content: filmContent(interactions, await readFilms(dir)),
  }
}

/** A tenth of the people are held out wholly, and another validates: what someone gets who was not there when a model was fitted. */
async function openMl100kByUsers(dir: string): Promise<Suite> {
  const { interactions, content } = await openMl100k(dir)
  return {
    name: 'ml100k-users',
    title: 'MovieLens-100k, all ratings, people held out',
    interactions,
    split: splitByUserGroup(interactions, { validationShare: 0.1, testShare: 0.1, shown: 0.8, seed: 1 }),
    content,
  }
}

/** The first 80 % of the rows by time, user and item, the next tenth, and the last; a cut may lie within one second. */
async function openMl100kByTime(dir: string): Promise<Suite> {
  const ratings = (await readRatings(dir)).toSorted((a, b) => a.time - b.time || a.user - b.user || a.item - b.item)
  const byRow = numberedById(ratings.map((rating, row) => ({ ...rating, time: row })))
  const timed = (part: Interactions): Interactions => ({ ...part, times: part.times.map((row) => ratings[row]!.time) })
  const split = splitByTime(byRow, { validationShare: 0.1, testShare: 0.1 })
  return {
    name: 'ml100k-time',
    title: 'MovieLens-100k, all ratings, cut in time',
    interactions: timed(byRow),
    split: { ...split, train: timed(split.train), trainAndValidation: timed(split.trainAndValidation) },
    content: filmContent(byRow, await readFilms(dir)),
  }
}

async function readRatings(dir: string): Promise<Rating[]> {
  return (await linesOf(join(dir, 'ml-100k.inter'))).slice(1).map((line): Rating => {
    const [user, item, , time] = line.split('\t').map(Number) as [number, number, number, number]
    return { user, item, time }
  })
}

async function readFilms(dir: string): Promise<ReadonlyMap<string, Film>> {
  const films = new Map<string, Film>()
  for (const line of (await linesOf(join(dir, 'ml-100k.item'))).slice(1)) {
    const [id, title, year, genres] = line.split('\t') as [string, string, string, string]
    films.set(id, { title, genres: genres.replaceAll(' ', '|'), year: year === '' ? Number.NaN : Number(year) })
  }
  return films
}

interface Rating {
  readonly user: number
  readonly item: number
  readonly time: number
}

/** Users and items in the order of their numbers: ties in score and the sampled negatives go by the index. */
function numberedById(ratings: readonly Rating[]): Interactions {
  const byUser = ratings.toSorted((a, b) => a.user - b.user)
  const grouped = groupByUser(
    {
      userIds: byUser.map(({ user }) => String(user)),
      itemIds: byUser.map(({ item }) => String(item)),
      times: byUser.map(({ time }) => time),
    },
    keepAll,
  )
  const order = grouped.items
    .map((_, index) => index)
    .sort((a, b) => Number(grouped.items[a]) - Number(grouped.items[b]))
  const newIndex = new Int32Array(order.length)
  for (const [index, old] of order.entries()) newIndex[old] = index
  return {
    ...grouped,
    items: order.map((old) => grouped.items[old]!),
    itemIndices: grouped.itemIndices.map((old) => newIndex[old]!),
  }
}

const keepAll = { minInteractions: 1, firstOnly: true }

interface Film {
  readonly title: string
  /** Separated by `|`. */
  readonly genres: string
  readonly year: number
}

function filmContent({ items }: Interactions, films: ReadonlyMap<string, Film>): ItemContent {
  return {
    texts: items.map((id) => films.get(id)?.title ?? ''),
    categories: { genre: items.map((id) => films.get(id)?.genres ?? '') },
    numbers: { year: Float32Array.from(items, (id) => films.get(id)?.year ?? Number.NaN) },
  }
}

/** The lines of a file, the empty ones left out. */
async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError('INPUT_INVALID', `Cannot read ${file}: ${(cause as Error).message}.`, { cause })
  })
  return text.split(/\r?\n/).filter((line) => line !== '')
}
