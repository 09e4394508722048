/** Days after the day of publication that count; all of the last one is included. */
export const horizons = [1, 3, 7, 14, 28] as const
export type Horizon = (typeof horizons)[number]

/** What is summed over the days of a content, in fct_content_daily; see its columns. */
export const measures = [
  'views',
  'likes',
  'comments',
  'shares',
  'saves',
  'impressions',
  'clicks',
  'watch_seconds',
  'ad_revenue_usd',
  'sponsorship_usd',
] as const
type Measure = (typeof measures)[number]

interface QuantityDefinition {
  readonly unit: string
  /** In words, as in `<description> until the end of day 7`. */
  readonly description: string
  /** A count is learned as ln(1 + count), a share as it is. */
  readonly scale: 'count' | 'share'
  readonly measures: readonly Measure[]
  /** Of the sums, in the order of `measures`, NaN where one is unknown, and the content's length in seconds. */
  readonly of: (sums: readonly number[], durationSeconds: number) => number
}

const counted = (measure: Measure, unit: string = measure, divisor = 1): QuantityDefinition => ({
  unit,
  description: unit,
  scale: 'count',
  measures: [measure],
  of: ([sum]) => sum! / divisor,
})

/** What a content can gain. */
const definitions = {
  views: counted('views'),
  likes: counted('likes'),
  comments: counted('comments'),
  shares: counted('shares'),
  saves: counted('saves'),
  watch_hours: counted('watch_seconds', 'hours watched', 3600),
  reactions: {
    unit: 'reactions',
    description: 'likes and comments',
    scale: 'count',
    measures: ['likes', 'comments'],
    of: sumOfKnown,
  },
  /** In cents: ln(1 + dollars) would hardly tell small sums apart. */
  revenue: {
    unit: 'US cents',
    description: 'advertising and sponsorship revenue',
    scale: 'count',
    measures: ['ad_revenue_usd', 'sponsorship_usd'],
    of: (sums) => 100 * sumOfKnown(sums),
  },
  completion: {
    unit: 'share',
    description: 'mean share of the content watched',
    scale: 'share',
    measures: ['watch_seconds', 'views'],
    of: ([seconds, views], duration) => ratio(seconds!, views! * duration),
  },
  click_rate: {
    unit: 'share',
    description: 'clicks per impression',
    scale: 'share',
    measures: ['clicks', 'impressions'],
    of: ([clicks, impressions]) => ratio(clicks!, impressions!),
  },
} as const satisfies Record<string, QuantityDefinition>

export type Quantity = keyof typeof definitions
export const quantities = Object.keys(definitions) as readonly Quantity[] as readonly [Quantity, ...Quantity[]]
export type OutcomeName = `${Quantity}_${Horizon}d`

export const quantityDefinition = (quantity: Quantity): QuantityDefinition => definitions[quantity]

/** `views_7d` → `views` and 7. */
export function partsOfOutcome(name: OutcomeName): { readonly quantity: Quantity; readonly days: Horizon } {
  const at = name.lastIndexOf('_')
  return { quantity: name.slice(0, at) as Quantity, days: Number(name.slice(at + 1, -1)) as Horizon }
}

function sumOfKnown(sums: readonly number[]): number {
  const known = sums.filter((sum) => !Number.isNaN(sum))
  return known.length === 0 ? Number.NaN : known.reduce((a, b) => a + b)
}

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : Number.NaN)
