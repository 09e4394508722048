import { countryClock } from './country-clock.ts'

/** A content that is planned or published, as far as it is known at its publication. */
export interface Draft {
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  readonly platform: string
  readonly category: string
  readonly language: string
  /** Seconds; null where unknown. */
  readonly durationSeconds: number | null
  /** Moment of publication, seconds since 1970, UTC. */
  readonly plannedAt: number
  readonly creatorId: string
  /** Of the creator, ISO 3166-1 alpha-2; `''` where unknown. */
  readonly country: string
}

/** The same n drafts column by column, as the warehouse delivers them. */
export interface DraftColumns {
  readonly rowCount: number
  readonly title: readonly string[]
  readonly description: readonly string[]
  /** Separated by `|`, as in dim_content; `''` for none. */
  readonly tags: readonly string[]
  readonly platform: readonly string[]
  readonly category: readonly string[]
  readonly language: readonly string[]
  /** Seconds; NaN where unknown. */
  readonly durationSeconds: Float64Array
  /** Seconds since 1970, UTC. */
  readonly plannedAt: Float64Array
  readonly creatorId: readonly string[]
  /** Of the creators; `''` where unknown. */
  readonly country: readonly string[]
}

export interface DraftFeatures {
  readonly rowCount: number
  /** `[rowCount, draftNumericFields.length]`, row-major; NaN = unknown. */
  readonly numeric: Float32Array
  /** `[draftCategoricalFields.length][rowCount]`; `''` = unknown. */
  readonly categorical: readonly (readonly string[])[]
}

export interface DraftField {
  readonly name: string
  readonly unit: string
  readonly description: string
}

/** Columns of `numeric`, in order. Times of day and week are those of the creator's clock, UTC where the country is not known. */
export const draftNumericFields: readonly DraftField[] = [
  { name: 'title_length', unit: 'characters', description: 'length of the title' },
  { name: 'title_words', unit: 'words', description: 'words in the title' },
  { name: 'title_upper_share', unit: 'share', description: 'capitals among the letters of the title' },
  { name: 'title_digits', unit: 'characters', description: 'digits in the title' },
  { name: 'title_questions', unit: 'characters', description: 'question marks in the title' },
  { name: 'title_exclamations', unit: 'characters', description: 'exclamation marks in the title' },
  { name: 'title_emoji', unit: 'characters', description: 'emoji in the title' },
  {
    name: 'title_has_separator',
    unit: 'flag',
    description: '1 when the title has parts, as in `Artist | Song` or `Show: Episode`',
  },
  { name: 'log_description_length', unit: 'ln characters', description: 'ln(1 + length of the description)' },
  { name: 'description_links', unit: 'links', description: 'links in the description' },
  { name: 'tag_count', unit: 'tags', description: 'number of tags' },
  { name: 'tags_length', unit: 'characters', description: 'length of all tags together' },
  { name: 'log_duration', unit: 'ln seconds', description: 'ln(1 + duration); unknown where no duration is given' },
  { name: 'local_hour_sin', unit: 'sine', description: 'hour of the day on the creator’s clock, on a circle' },
  { name: 'local_hour_cos', unit: 'cosine', description: 'hour of the day on the creator’s clock, on a circle' },
  { name: 'local_week_sin', unit: 'sine', description: 'moment of the week on the creator’s clock, on a circle' },
  { name: 'local_week_cos', unit: 'cosine', description: 'moment of the week on the creator’s clock, on a circle' },
  { name: 'local_weekend', unit: 'flag', description: '1 on Saturday and Sunday, by the creator’s clock' },
  {
    name: 'utc_day_left',
    unit: 'share',
    description: 'of the day of publication in UTC, by which the marts count days; short days count less at first',
  },
]

/** Columns of `categorical`, in order. */
export const draftCategoricalFields: readonly DraftField[] = [
  { name: 'platform', unit: 'category', description: 'where it is published' },
  { name: 'category', unit: 'category', description: 'category of the content' },
  { name: 'language', unit: 'category', description: 'language of the content' },
  { name: 'local_hour', unit: 'category', description: 'hour of publication on the creator’s clock, 0 to 23' },
  { name: 'local_weekday', unit: 'category', description: 'weekday of publication by the creator’s clock, 0 = Sunday' },
  { name: 'creator_id', unit: 'category', description: 'who publishes it' },
]

/** Tags as dim_content holds them. */
export const joinTags = (tags: readonly string[]): string => tags.map((tag) => tag.replaceAll('|', ' ')).join('|')

/** Features of drafts as the service receives them. */
export function draftFeatures(drafts: readonly Draft[]): DraftFeatures {
  return draftColumnFeatures({
    rowCount: drafts.length,
    title: drafts.map((d) => d.title),
    description: drafts.map((d) => d.description),
    tags: drafts.map((d) => joinTags(d.tags)),
    platform: drafts.map((d) => d.platform),
    category: drafts.map((d) => d.category),
    language: drafts.map((d) => d.language),
    durationSeconds: Float64Array.from(drafts, (d) => d.durationSeconds ?? Number.NaN),
    plannedAt: Float64Array.from(drafts, (d) => d.plannedAt),
    creatorId: drafts.map((d) => d.creatorId),
    country: drafts.map((d) => d.country),
  })
}

/**
 * Features of many drafts; the only place where they are computed, for training and for serving.
 *
 * A moment that is not finite gives NaN and `''` for the times; an empty text counts 0.
 */
export function draftColumnFeatures(drafts: DraftColumns): DraftFeatures {
  const { rowCount } = drafts
  const width = draftNumericFields.length
  const numeric = new Float32Array(rowCount * width)
  const hour: string[] = new Array(rowCount)
  const weekday: string[] = new Array(rowCount)
  for (let i = 0; i < rowCount; i++) {
    const at = onClock(drafts.plannedAt[i]!, drafts.country[i]!)
    numeric.set(
      [
        ...titleFeatures(drafts.title[i]!),
        ...textFeatures(drafts.description[i]!, drafts.tags[i]!),
        Math.log1p(Math.max(0, drafts.durationSeconds[i]!)),
        ...timeFeatures(at),
        1 - dayShare(drafts.plannedAt[i]!),
      ],
      i * width,
    )
    hour[i] = Number.isFinite(at) ? String(hourOf(at)) : ''
    weekday[i] = Number.isFinite(at) ? String(weekdayOf(at)) : ''
  }
  return {
    rowCount,
    numeric,
    categorical: [drafts.platform, drafts.category, drafts.language, hour, weekday, drafts.creatorId],
  }
}

/** What the creator's clock shows at a moment, in seconds since 1970. */
export const onClock = (at: number, country: string): number =>
  Number.isFinite(at) ? at + countryClock(country)(at) : at

function titleFeatures(title: string): readonly number[] {
  const upper = matches(title, /\p{Lu}/gu)
  const letters = matches(title, /\p{L}/gu)
  return [
    matches(title, /./gsu),
    matches(title, /\S+/gu),
    letters === 0 ? 0 : upper / letters,
    matches(title, /\p{Nd}/gu),
    matches(title, /[?？]/gu),
    matches(title, /[!！]/gu),
    matches(title, /\p{Extended_Pictographic}/gu),
    /[|:–—]| - /u.test(title) ? 1 : 0,
  ]
}

function textFeatures(description: string, tags: string): readonly number[] {
  const names = tags === '' ? [] : tags.split('|')
  return [
    Math.log1p(matches(description, /./gsu)),
    matches(description, /https?:\/\//gu),
    names.length,
    names.reduce((sum, tag) => sum + matches(tag, /./gsu), 0),
  ]
}

function timeFeatures(at: number): readonly number[] {
  const day = dayShare(at) * 2 * Math.PI
  // 1970-01-01 was a Thursday; the circle begins on Sunday.
  const week = ((at / 86_400 + 4) / 7) * 2 * Math.PI
  const weekend = Number.isFinite(at) ? Number(weekdayOf(at) === 0 || weekdayOf(at) === 6) : Number.NaN
  return [Math.sin(day), Math.cos(day), Math.sin(week), Math.cos(week), weekend]
}

const dayShare = (at: number): number => (((at % 86_400) + 86_400) % 86_400) / 86_400
const hourOf = (at: number): number => Math.floor(dayShare(at) * 24)
const weekdayOf = (at: number): number => (((Math.floor(at / 86_400) + 4) % 7) + 7) % 7
const matches = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0
