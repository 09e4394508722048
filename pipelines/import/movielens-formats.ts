import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { AppError, toAppError } from '../../errors.ts'
import type { TextFormat } from './numbered-text.ts'

/** One file of a MovieLens set and how to read it. */
export interface MovielensFile extends TextFormat {
  readonly file: string
  /** Names of the fields in order; undefined when the first line names them. */
  readonly columns?: readonly string[]
  /** SQL expressions over the file's text columns. */
  readonly select: Readonly<Record<string, string>>
  /** Header columns that must be there, without RecBole's `:type`. */
  readonly needs?: readonly string[]
}

export interface MovielensFormat {
  /** Name of the data set; sets with other ids must not share a warehouse. */
  readonly name: string
  /** Selects user_id, item_id, rating, seconds (since 1970), all text. */
  readonly ratings: MovielensFile
  /** Selects item_id, title, released (a timestamp), genres ('|'-separated or null). */
  readonly items?: MovielensFile
  /** Selects user_id, age (text), gender (text). */
  readonly users?: MovielensFile
}

const ratingColumns = { user_id: 'user_id', item_id: 'item_id', rating: 'rating', seconds: 'seconds' }
const userColumns = { user_id: 'user_id', age: 'age', gender: 'gender' }
/** 1 January of a year held as text; what is no year that has films is unknown. */
const januaryOf = (year: string): string =>
  `case when regexp_matches(${year}, '^(18|19|20)\\d{2}$') then cast(${year} || '-01-01' as timestamp) end`
const yearInTitle = januaryOf(`regexp_extract(title, '\\((\\d{4})\\)\\s*$', 1)`)
const listedGenres = `nullif(genres, '(no genres listed)')`

/** The genres of ml-100k's u.item, in the order of its 0/1 columns. */
const flaggedGenres =
  "unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir Horror Musical Mystery Romance Sci-Fi Thriller War Western".split(
    ' ',
  )

/**
 * Recognises which published form of MovieLens a folder holds, by its file names.
 *
 * @throws AppError INPUT_INVALID when it is none of them
 */
export async function detectMovielens(folder: string): Promise<MovielensFormat> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new AppError(
      'INPUT_INVALID',
      `Expected a folder with a MovieLens data set at ${folder}: ${toAppError(error).message}.`,
      { cause: error },
    )
  })
  const at = (name: string): string => join(folder, name)
  const inter = names.filter((name) => name.endsWith('.inter'))
  if (inter.length === 1) return atomic(folder, basename(inter[0]!, '.inter'))
  if (names.includes('u.data')) return grouplens100k(at)
  if (names.includes('ratings.dat')) return grouplens1m(at)
  if (names.includes('ratings.csv')) return grouplensLatest(at, basename(resolve(folder)))
  throw new AppError(
    'INPUT_INVALID',
    `Expected MovieLens files in ${folder}: one *.inter (RecBole), u.data (ml-100k), ratings.dat (ml-1m) or ratings.csv (ml-latest); found ${names.slice(0, 8).join(', ') || 'nothing'}. Nothing was imported.`,
  )
}

/** RecBole's atomic files: tab-separated, header `name:type`, genres separated by spaces. */
function atomic(folder: string, name: string): MovielensFormat {
  const tab = { separator: '\t', quoted: false } as const
  const at = (extension: string): string => join(folder, `${name}.${extension}`)
  return {
    name,
    ratings: {
      ...tab,
      file: at('inter'),
      needs: ['user_id', 'item_id', 'rating', 'timestamp'],
      select: { ...ratingColumns, seconds: 'timestamp' },
    },
    ...(existsSync(at('item')) && {
      items: {
        ...tab,
        file: at('item'),
        needs: ['item_id', 'movie_title', 'release_year', name === 'ml-100k' ? 'class' : 'genre'],
        select: {
          item_id: 'item_id',
          title: 'movie_title',
          released: januaryOf('release_year'),
          genres: `replace(nullif(nullif(${name === 'ml-100k' ? 'class' : 'genre'}, ''), 'unknown'), ' ', '|')`,
        },
      },
    }),
    ...(existsSync(at('user')) && {
      users: { ...tab, file: at('user'), needs: ['user_id', 'age', 'gender'], select: userColumns },
    }),
  }
}

/** GroupLens' ml-100k: u.data by tabs, u.item and u.user by bars in Latin-1, genres as 0/1 columns. */
function grouplens100k(at: (name: string) => string): MovielensFormat {
  const bars = { separator: '|', quoted: false, encoding: 'latin1' } as const
  const flags = flaggedGenres.map((_, index) => `flag${index}`)
  const genres = flaggedGenres
    .slice(1)
    .map((genre, index) => `case when flag${index + 1} = '1' then '${genre.replace("'", "''")}' end`)
  return {
    name: 'ml-100k',
    ratings: {
      file: at('u.data'),
      separator: '\t',
      quoted: false,
      columns: ['user_id', 'item_id', 'rating', 'seconds'],
      select: ratingColumns,
    },
    ...(existsSync(at('u.item')) && {
      items: {
        ...bars,
        file: at('u.item'),
        columns: ['item_id', 'title', 'released', 'video_released', 'url', ...flags],
        select: {
          item_id: 'item_id',
          title: 'title',
          released: `try_strptime(released, '%d-%b-%Y')`,
          genres: `nullif(concat_ws('|', ${genres.join(', ')}), '')`,
        },
      },
    }),
    ...(existsSync(at('u.user')) && {
      users: {
        ...bars,
        file: at('u.user'),
        columns: ['user_id', 'age', 'gender', 'occupation', 'zip_code'],
        select: userColumns,
      },
    }),
  }
}

/** GroupLens' ml-1m: `::` between fields, Latin-1, the year in the title. */
function grouplens1m(at: (name: string) => string): MovielensFormat {
  const colons = { separator: '::', quoted: false, encoding: 'latin1' } as const
  return {
    name: 'ml-1m',
    ratings: {
      ...colons,
      file: at('ratings.dat'),
      columns: ['user_id', 'item_id', 'rating', 'seconds'],
      select: ratingColumns,
    },
    ...(existsSync(at('movies.dat')) && {
      items: {
        ...colons,
        file: at('movies.dat'),
        columns: ['item_id', 'title', 'genres'],
        select: { item_id: 'item_id', title: 'title', released: yearInTitle, genres: listedGenres },
      },
    }),
    ...(existsSync(at('users.dat')) && {
      users: {
        ...colons,
        file: at('users.dat'),
        columns: ['user_id', 'gender', 'age', 'occupation', 'zip_code'],
        select: userColumns,
      },
    }),
  }
}

/** GroupLens' ml-latest, ml-25m and their like: CSV with header, no users file. */
function grouplensLatest(at: (name: string) => string, name: string): MovielensFormat {
  const commas = { separator: ',', quoted: true } as const
  return {
    name,
    ratings: {
      ...commas,
      file: at('ratings.csv'),
      needs: ['userId', 'movieId', 'rating', 'timestamp'],
      select: { user_id: 'userId', item_id: 'movieId', rating: 'rating', seconds: 'timestamp' },
    },
    ...(existsSync(at('movies.csv')) && {
      items: {
        ...commas,
        file: at('movies.csv'),
        needs: ['movieId', 'title', 'genres'],
        select: { item_id: 'movieId', title: 'title', released: yearInTitle, genres: listedGenres },
      },
    }),
  }
}
