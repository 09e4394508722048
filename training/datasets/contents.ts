import { AppError } from '../../errors.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'

/** What a content can gain. `reactions` = likes + comments, those that are known. */
export const quantities = ['views', 'likes', 'comments', 'shares', 'reactions'] as const
export type Quantity = (typeof quantities)[number]

/** Days after the day of publication that count; all of the last one is included. */
export const horizons = [1, 7, 28] as const
export type Horizon = (typeof horizons)[number]

export type OutcomeName = `${Quantity}_${Horizon}d`

/** Published contents with what they gained, column by column, ascending by publication time and then id. */
export interface ContentOutcomes {
  readonly rowCount: number
  readonly contentId: readonly string[]
  readonly platform: readonly string[]
  readonly creatorId: readonly string[]
  readonly title: readonly string[]
  readonly description: readonly string[]
  /** `|`-separated. */
  readonly tags: readonly string[]
  readonly category: readonly string[]
  readonly language: readonly string[]
  /** NaN where unknown. */
  readonly durationSeconds: Float64Array
  /** Seconds since 1970, UTC. */
  readonly publishedAt: Float64Array
  /** Counts until the end of the horizon's last day; NaN where nothing was recorded or the horizon has not passed yet. */
  readonly outcomes: ReadonlyMap<OutcomeName, Float64Array>
  /** True when every content has its counts on the day of publication alone: all horizons and early counts are then one. */
  readonly singleDay: boolean
  /** Last day of fct_content_daily, seconds since 1970, UTC. */
  readonly lastDay: number
}

const counted = ['views', 'likes', 'comments', 'shares'] as const
const daySeconds = 86_400

const age = `(cast(extract(epoch from d.date) as double precision) / ${daySeconds}
  - floor(cast(extract(epoch from c.published_at) as double precision) / ${daySeconds}))`

const sums = counted.flatMap((quantity) =>
  horizons.map(
    (horizon) =>
      `cast(sum(case when ${age} between 0 and ${horizon} then d.${quantity} end) as double precision) as ${quantity}_${horizon}d`,
  ),
)

/** Contents with their gains per horizon; portable. */
export const contentOutcomesSql = `
select c.content_id, c.platform, c.creator_id, c.title, c.description, c.tags, c.category, c.language,
  cast(c.duration_seconds as double precision) as duration_seconds,
  cast(extract(epoch from c.published_at) as double precision) as published_at,
  o.days, o.last_age, ${counted.flatMap((q) => horizons.map((h) => `o.${q}_${h}d`)).join(', ')}
from dim_content c
join (
  select d.content_id,
    cast(count(*) as double precision) as days,
    cast(max(${age}) as double precision) as last_age,
    ${sums.join(',\n    ')}
  from fct_content_daily d join dim_content c on c.content_id = d.content_id
  group by d.content_id
) o on o.content_id = c.content_id
where c.published_at is not null
order by c.published_at, c.content_id`

/** Last day that has counts; portable. */
export const lastDaySql = `select max(cast(extract(epoch from date) as double precision)) as last_day from fct_content_daily`

const textColumns = [
  'content_id',
  'platform',
  'creator_id',
  'title',
  'description',
  'tags',
  'category',
  'language',
] as const
const outcomeColumns = counted.flatMap((q) => horizons.map((h) => `${q}_${h}d` as const))
const numberColumns = ['duration_seconds', 'published_at', 'days', 'last_age', ...outcomeColumns] as const

/**
 * Reads every published content that has daily counts.
 *
 * @throws AppError DATA_INSUFFICIENT when there is none
 * @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED
 */
export async function readContentOutcomes(source: MartSource): Promise<ContentOutcomes> {
  const text = new Map(textColumns.map((name) => [name, [] as string[]]))
  const numbers = new Map(numberColumns.map((name) => [name, [] as number[]]))
  const columns = {
    ...Object.fromEntries(textColumns.map((name) => [name, 'string' as const])),
    ...Object.fromEntries(numberColumns.map((name) => [name, 'float64' as const])),
  }
  for await (const batch of source.read(contentOutcomesSql, columns)) {
    const got = batch.columns as Readonly<Record<string, ArrayLike<string> | ArrayLike<number>>>
    for (const [name, list] of text) for (let i = 0; i < batch.rowCount; i++) list.push(got[name]![i] as string)
    for (const [name, list] of numbers) for (let i = 0; i < batch.rowCount; i++) list.push(got[name]![i] as number)
  }
  const rowCount = text.get('content_id')!.length
  if (rowCount === 0) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      'No content has both a publication time (dim_content.published_at) and daily counts (fct_content_daily); expected some hundreds. Import them, or run `contentflow sample`.',
    )
  }
  const lastDay = Number((await source.rows(lastDaySql))[0]?.last_day)
  const publishedAt = Float64Array.from(numbers.get('published_at')!)
  const singleDay = numbers.get('days')!.every((days) => days === 1) && numbers.get('last_age')!.every((a) => a === 0)
  return {
    rowCount,
    contentId: text.get('content_id')!,
    platform: text.get('platform')!,
    creatorId: text.get('creator_id')!,
    title: text.get('title')!,
    description: text.get('description')!,
    tags: text.get('tags')!,
    category: text.get('category')!,
    language: text.get('language')!,
    durationSeconds: Float64Array.from(numbers.get('duration_seconds')!),
    publishedAt,
    outcomes: outcomesOf(numbers, publishedAt, lastDay, singleDay),
    singleDay,
    lastDay,
  }
}

function outcomesOf(
  numbers: ReadonlyMap<string, readonly number[]>,
  publishedAt: Float64Array,
  lastDay: number,
  singleDay: boolean,
): Map<OutcomeName, Float64Array> {
  const outcomes = new Map<OutcomeName, Float64Array>()
  for (const horizon of horizons) {
    // Where all counts stand on the day of publication, waiting for the horizon adds nothing.
    const wait = singleDay ? 0 : horizon
    const mature = (i: number): boolean => Math.floor(publishedAt[i]! / daySeconds) + wait <= lastDay / daySeconds
    for (const quantity of counted) {
      const name = `${quantity}_${horizon}d` as const
      outcomes.set(
        name,
        Float64Array.from(numbers.get(name)!, (value, i) => (mature(i) ? value : Number.NaN)),
      )
    }
    outcomes.set(`reactions_${horizon}d`, reactions(outcomes, horizon))
  }
  return outcomes
}

function reactions(outcomes: ReadonlyMap<OutcomeName, Float64Array>, horizon: Horizon): Float64Array {
  const parts = (['likes', 'comments'] as const).map((quantity) => outcomes.get(`${quantity}_${horizon}d`)!)
  return parts[0]!.map((_, i) => {
    const known = parts.map((part) => part[i]!).filter((value) => !Number.isNaN(value))
    return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0)
  })
}

/** The contents whose outcome is known by now, in the same order. */
export const contentsWith = (contents: ContentOutcomes, outcome: OutcomeName): ContentOutcomes =>
  outcomesAt(contents, (i) => !Number.isNaN(contents.outcomes.get(outcome)![i]!))

/** The contents that `keep` wants, in the same order. */
export function outcomesAt(contents: ContentOutcomes, keep: (row: number) => boolean): ContentOutcomes {
  const texts = <T>(column: readonly T[]): T[] => column.filter((_, i) => keep(i))
  const numbers = (column: Float64Array): Float64Array => column.filter((_, i) => keep(i))
  const contentId = texts(contents.contentId)
  return {
    rowCount: contentId.length,
    contentId,
    platform: texts(contents.platform),
    creatorId: texts(contents.creatorId),
    title: texts(contents.title),
    description: texts(contents.description),
    tags: texts(contents.tags),
    category: texts(contents.category),
    language: texts(contents.language),
    durationSeconds: numbers(contents.durationSeconds),
    publishedAt: numbers(contents.publishedAt),
    outcomes: new Map([...contents.outcomes].map(([name, values]) => [name, numbers(values)])),
    singleDay: contents.singleDay,
    lastDay: contents.lastDay,
  }
}
