import type { ViewDescription } from '../features/store/describe-features.ts'
import type { EntityFeatures } from '../features/store/entity-features.ts'
import { textTable } from './text-table.ts'

/** A view for a person: what it is, how fresh it is, and a line per field. */
export function viewText({ view, entity, description, ttlSeconds, snapshots, fields }: ViewDescription): string {
  const state =
    snapshots === null
      ? 'not built yet: run `contentflow features build`'
      : `${snapshots.days} snapshots, ${snapshots.first} to ${snapshots.last}; the last has ${snapshots.rowsOfLast} rows${snapshots.current ? '' : '; built with an older definition: run `contentflow features build`'}`
  const rows = fields.map(({ name, unit, description: text, statistics }) => [
    name,
    unit,
    statistics === null ? '' : String(statistics.nulls),
    ...spread(statistics),
    text,
  ])
  const table = textTable(['field', 'unit', 'unknown', 'mean', '5 %', '50 %', '95 %', 'description'], rows)
  return `${view} (${entity}, valid for ${ttlSeconds / 86_400} days): ${description}\n${state}\n\n${table}`
}

function spread(statistics: ViewDescription['fields'][number]['statistics']): readonly string[] {
  const numeric = statistics?.numeric
  if (numeric) return [numeric.mean, numeric.quantiles[1]!, numeric.quantiles[3]!, numeric.quantiles[5]!].map(short)
  const most = statistics?.top?.slice(0, 3).map(({ value, count }) => `${value} ${count}`) ?? []
  return [most[0] ?? '', most[1] ?? '', most[2] ?? '', '']
}

/** The features of one entity for a person. */
export function entityText(version: string | undefined, views: Readonly<Record<string, EntityFeatures>>): string {
  if (version === undefined) return 'Nothing is materialised yet: run `contentflow features materialise`.'
  const notes = {
    ok: '',
    missing: ' (no row: these are the defaults)',
    stale: ' (older than its ttl: these are the defaults)',
  }
  const parts = Object.entries(views).map(([view, { status, values }]) => {
    const rows = Object.entries(values).map(([name, value]) => [
      `  ${name}`,
      typeof value === 'number' ? short(value) : value,
    ])
    return `${view}${notes[status]}\n${textTable(['  field', 'value'], rows)}`
  })
  return [`version ${version}`, ...parts].join('\n\n')
}

const short = (value: number): string => String(Number(value.toPrecision(4)))
