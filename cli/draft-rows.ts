import { AppError } from '../errors.ts'
import type { UnreadLine } from '../serving/http/answer-lines.ts'
import type { PredictionKind } from '../serving/http/routes/prediction-kinds.ts'
import { delimitedRows } from '../training/datasets/delimited-rows.ts'

const draftColumns = 'creatorId title description tags platform category language durationSeconds plannedAt'.split(' ')
const numbers = ['durationSeconds', 'plannedAt', 'costUsd']

/**
 * The rows of a table of drafts, by the names in its header; an empty cell is left out.
 *
 * @param path  of the file, for errors
 * @param kind  what is predicted: revenue knows `costUsd`, the others columns such as `early.views`
 * @throws AppError INPUT_INVALID for a column that is no field of a draft, and for a quote that is never closed
 */
export async function* draftRows(
  path: string,
  text: string,
  kind: PredictionKind['name'],
): AsyncGenerator<readonly UnreadLine[]> {
  const [header, ...rows] = delimitedRows(path, text.replace(/^\uFEFF/, ''), ',')
  const names = header?.fields.map((name) => name.trim()) ?? []
  checkColumns(path, names, kind)
  yield rows.map(({ line, fields }) => ({
    number: line,
    read: () => {
      if (fields.length === names.length) return draftOf(names, fields)
      throw new AppError('INPUT_INVALID', `${path}, line ${line}: ${fields.length} cells; expected ${names.length}.`)
    },
  }))
}

function checkColumns(path: string, names: readonly string[], kind: PredictionKind['name']): void {
  const known = kind === 'revenue' ? [...draftColumns, 'costUsd'] : draftColumns
  const early = kind !== 'revenue'
  const odd = names.find((column) => !known.includes(column) && !(early && /^early\..+/.test(column)))
  if (odd === undefined && names.includes('creatorId') && names.includes('title')) return
  const counts = early ? ' and first counts such as early.views' : ''
  const got = odd === undefined ? names.join(', ') || 'nothing' : JSON.stringify(odd)
  throw new AppError(
    'INPUT_INVALID',
    `${path}: expected a header with creatorId, title and any of ${known.slice(2).join(', ')}${counts}; got ${got}.`,
  )
}

function draftOf(names: readonly string[], fields: readonly string[]): object {
  const draft: Record<string, unknown> = {}
  const early: [string, number][] = []
  for (const [at, name] of names.entries()) {
    const text = fields[at]!
    if (name.startsWith('early.')) {
      if (text !== '') early.push([name.slice('early.'.length), Number(text)])
    } else if (name === 'title') draft.title = text
    else if (text === '') continue
    else if (name === 'tags') draft.tags = text.split('|')
    else if (numbers.includes(name)) {
      draft[name] = Number.isNaN(Number(text)) ? text : Number(text)
    } else draft[name] = text
  }
  return early.length === 0 ? draft : { ...draft, early: Object.fromEntries(early) }
}
