import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AppError } from '../../errors.ts'

const root = resolve(import.meta.dirname, '../..')

/** Where data sets are looked for when no folder is given, beside this package. */
const usualPlaces = [join(root, 'benchmarks/data'), resolve(root, '../shared/data')]

/** @throws AppError INPUT_INVALID when there is no such folder, saying where it was looked for */
export function benchmarkDataDir(given: string | undefined): string {
  const places = given === undefined ? usualPlaces : [resolve(given)]
  const found = places.find((place) => existsSync(place))
  if (found !== undefined) return found
  throw new AppError(
    'INPUT_INVALID',
    `No data sets in ${places.join(' or ')}. Download MovieLens in RecBole's form (folders ml-100k/ and ml1m_sequences/; docs/quality.md says which files) and give their folder with --data.`,
  )
}
