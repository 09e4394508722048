import { AppError } from '../../errors.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import { type ContentOutcomes, type Horizon, horizons, type OutcomeName, type Quantity } from '../datasets/contents.ts'
import { hideUnknown, knownFrom } from '../datasets/known-outcomes.ts'
import type { TimeSplit } from '../datasets/time-split.ts'
import { pick } from '../evaluation/metric-row.ts'

/** What a model predicts, the headline first, and what it could not and why. */
export interface EngagementTargets {
  readonly names: readonly [OutcomeName, ...OutcomeName[]]
  readonly dropped: readonly { readonly name: OutcomeName; readonly reason: string }[]
}

/** Fewest examples of a target per part: below, neither an interval nor a metric means much. */
const fewest = 20

/**
 * The outcome that the model is judged by: views of 7 days where there are any, else likes.
 *
 * @throws AppError DATA_INSUFFICIENT when nothing is counted
 */
export function headlineTarget(contents: ContentOutcomes): OutcomeName {
  for (const name of ['views_7d', 'likes_7d', 'comments_7d', 'shares_7d'] as const) {
    const known = contents.outcomes.get(name)!.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0)
    if (known >= fewest) return name
  }
  throw new AppError(
    'DATA_INSUFFICIENT',
    `Fewer than ${fewest} contents have views, likes, comments or shares of their first 7 days; import more of fct_content_daily.`,
  )
}

/** Chooses the targets that every part of the split has examples of that were known in time. */
export function chooseTargets(
  contents: ContentOutcomes,
  split: TimeSplit,
  wanted: readonly Quantity[],
  headline: OutcomeName,
): EngagementTargets {
  const names: [OutcomeName, ...OutcomeName[]] = [headline]
  const dropped: { name: OutcomeName; reason: string }[] = []
  for (const quantity of wanted) {
    for (const horizon of horizons) {
      const name = `${quantity}_${horizon}d` as const
      if (name === headline) continue
      const reason = whyNot(contents, split, name, horizon)
      if (reason === undefined) names.push(name)
      else dropped.push({ name, reason })
    }
  }
  return { names, dropped }
}

function whyNot(contents: ContentOutcomes, split: TimeSplit, name: OutcomeName, horizon: Horizon): string | undefined {
  if (contents.singleDay && horizon !== 7)
    return 'all counts stand on the day of publication, so every horizon is the same'
  const values = contents.outcomes.get(name)!
  const { search } = hideUnknown(values, knownFrom(contents, name), split)
  const known = { train: search, valid: search, test: values }
  for (const part of ['train', 'valid', 'test'] as const) {
    const count = split[part].filter((row) => !Number.isNaN(known[part][row]!)).length
    if (count < fewest)
      return `the ${part} part has ${count} contents of which it was known in time, expected at least ${fewest}`
  }
  const train = [...pick(search, split.train)].filter((value) => !Number.isNaN(value))
  return train.every((value) => value === train[0]) ? 'it never varies in the training part' : undefined
}

const units: Readonly<Record<Quantity, string>> = {
  views: 'views',
  likes: 'likes',
  comments: 'comments',
  shares: 'shares',
  reactions: 'reactions',
}

/** A target as the payload declares it. */
export function describeTarget(name: OutcomeName): TabularFeatures['targets'][number] {
  const [quantity, days] = name.split('_') as [Quantity, string]
  const until = days === '1d' ? 'the day after publication' : `day ${days.slice(0, -1)} after publication`
  const what = quantity === 'reactions' ? 'likes and comments' : quantity
  return { name, unit: units[quantity], description: `${what} until the end of ${until}` }
}
