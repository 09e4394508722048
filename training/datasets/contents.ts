import { AppError } from '../../errors.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { onClock } from '../../features/transforms/draft-features.ts'
import { creatorCountries, creatorKey } from './creator-time-zones.ts'
import {
  type Horizon,
  horizons,
  measures,
  type OutcomeName,
  type Quantity,
  quantityDefinition,
} from './outcome-names.ts'

/** Published contents with what they gained, column by column, ascending by publication time and then id. */
export interface ContentOutcomes {
  readonly rowCount: number
  readonly contentId: readonly string[]
  readonly platform: readonly string[]
  readonly creatorId: readonly string[]
  /** Of the creator; `''` where unknown. */
  readonly country: readonly string[]
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

const daySeconds = 86_400

/** What most models look at. */
const usual: readonly Quantity[] = ['views', 'likes', 'comments', 'shares', 'reactions']

const age = `(cast(extract(epoch from d.date) as double precision) / ${daySeconds}
  - floor(cast(extract(epoch from c.published_at) as double precision) / ${daySeconds}))`

type Measure = (typeof measures)[number]
type SumName = `${Measure}_${Horizon}d`

const sumNames = (wanted: readonly Measure[]): SumName[] =>
  wanted.flatMap((m) => horizons.map((h) => `${m}_${h}d` as const))

/** Contents with the sums of some measures per horizon; portable. */
export function contentOutcomesSql(wanted: readonly Measure[]): string {
  const sums = wanted.flatMap((measure) =>
    horizons.map(
      (horizon) =>
        `cast(sum(case when ${age} between 0 and ${horizon} then d.${measure} end) as double precision) as ${measure}_${horizon}d`,
    ),
  )
  return `
select c.content_id, c.platform, c.creator_id, c.title, c.description, c.tags, c.category, c.language,
  cast(c.duration_seconds as double precision) as duration_seconds,
  cast(extract(epoch from c.published_at) as double precision) as published_at,
  o.days, o.last_age, ${sumNames(wanted)
    .map((name) => `o.${name}`)
    .join(', ')}
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
}

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
/**
 * Reads every published content that has daily counts.
 *
 * @param wanted what to know of them
 * @throws AppError DATA_INSUFFICIENT when there is none
 * @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED
 */
export async function readContentOutcomes(source: MartSource, wanted = usual): Promise<ContentOutcomes> {
  const summed = measures.filter((measure) => wanted.some((q) => quantityDefinition(q).measures.includes(measure)))
  const numberColumns = ['duration_seconds', 'published_at', 'days', 'last_age', ...sumNames(summed)]
  const text = new Map(textColumns.map((name) => [name, [] as string[]]))
  const numbers = new Map(numberColumns.map((name) => [name, [] as number[]]))
  const columns = {
    ...Object.fromEntries(textColumns.map((name) => [name, 'string' as const])),
    ...Object.fromEntries(numberColumns.map((name) => [name, 'float64' as const])),
  }
  for await (const batch of source.read(contentOutcomesSql(summed), columns)) {
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
    country: await countriesOf(source, text.get('creator_id')!, text.get('platform')!),
    title: text.get('title')!,
    description: text.get('description')!,
    tags: text.get('tags')!,
    category: text.get('category')!,
    language: text.get('language')!,
    durationSeconds: Float64Array.from(numbers.get('duration_seconds')!),
    publishedAt,
    outcomes: outcomesOf(wanted, numbers, publishedAt, lastDay, singleDay),
    singleDay,
    lastDay,
  }
}

/** Of the creator of each content. */
async function countriesOf(
  source: MartSource,
  creatorId: readonly string[],
  platform: readonly string[],
): Promise<string[]> {
  const countries = await creatorCountries(source)
  return creatorId.map((creator, i) => countries.get(creatorKey(creator, platform[i]!)) ?? '')
}

function outcomesOf(
  wanted: readonly Quantity[],
  numbers: ReadonlyMap<string, readonly number[]>,
  publishedAt: Float64Array,
  lastDay: number,
  singleDay: boolean,
): Map<OutcomeName, Float64Array> {
  const durations = numbers.get('duration_seconds')!
  const outcomes = new Map<OutcomeName, Float64Array>()
  for (const horizon of horizons) {
    // Where all counts stand on the day of publication, waiting for the horizon adds nothing.
    const wait = singleDay ? 0 : horizon
    const mature = (i: number): boolean => Math.floor(publishedAt[i]! / daySeconds) + wait <= lastDay / daySeconds
    for (const quantity of wanted) {
      const { measures: its, of } = quantityDefinition(quantity)
      const sums = its.map((measure) => numbers.get(`${measure}_${horizon}d`)!)
      outcomes.set(
        `${quantity}_${horizon}d`,
        publishedAt.map((_, i) =>
          mature(i)
            ? of(
                sums.map((sum) => sum[i]!),
                durations[i]!,
              )
            : Number.NaN,
        ),
      )
    }
  }
  return outcomes
}

/** What their creators' clocks showed when some contents were published, seconds since 1970; `[rows]`. */
export const clocksOf = ({ publishedAt, country }: ContentOutcomes, rows: Int32Array): Float64Array =>
  Float64Array.from(rows, (row) => onClock(publishedAt[row]!, country[row]!))

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
    country: texts(contents.country),
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
