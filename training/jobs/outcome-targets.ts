import { AppError } from '../../errors.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { ContentOutcomes } from '../datasets/contents.ts'
import { hideUnknown, knownFrom } from '../datasets/known-outcomes.ts'
import {
  type Horizon,
  horizons,
  type OutcomeName,
  partsOfOutcome,
  type Quantity,
  quantityDefinition,
} from '../datasets/outcome-names.ts'
import type { TimeSplit } from '../datasets/time-split.ts'
import { pick } from '../evaluation/metric-row.ts'

/** What a model predicts, the headline first, and what it could not and why. */
export interface OutcomeTargets {
  readonly names: readonly [OutcomeName, ...OutcomeName[]]
  readonly dropped: readonly { readonly name: OutcomeName; readonly reason: string }[]
}

/** Fewest examples of a target per part: below, neither an interval nor a metric means much. */
const fewest = 20

/**
 * The outcomes that the model may be judged by: those of the candidates that are known of enough contents.
 *
 * @throws AppError DATA_INSUFFICIENT when none is
 */
export function headlineTargets(contents: ContentOutcomes, candidates: readonly OutcomeName[]): readonly OutcomeName[] {
  const known = candidates.filter((name) => {
    const values = contents.outcomes.get(name)!
    return values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0) >= fewest
  })
  if (known.length > 0) return known
  throw new AppError(
    'DATA_INSUFFICIENT',
    `Fewer than ${fewest} contents have ${candidates.join(' or ')}; import more of fct_content_daily.`,
  )
}

/** Chooses the targets that every part of the split has examples of that were known in time. */
export function chooseTargets(
  contents: ContentOutcomes,
  split: TimeSplit,
  wanted: readonly Quantity[],
  headline: OutcomeName,
): OutcomeTargets {
  const names: [OutcomeName, ...OutcomeName[]] = [headline]
  const dropped: { name: OutcomeName; reason: string }[] = []
  for (const quantity of wanted) {
    for (const horizon of horizonsOf(quantity, headline)) {
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
  return whyNotTarget(hideUnknown(values, knownFrom(contents, name), split).search, values, split, 'contents')
}

/**
 * Why a target cannot be learned or judged; undefined where it can.
 *
 * @param search   what was known in time
 * @param examples what they are, as in `the test part has 3 contents`
 */
export function whyNotTarget(
  search: Float64Array,
  values: Float64Array,
  split: TimeSplit,
  examples: string,
): string | undefined {
  const known = { train: search, valid: search, test: values }
  for (const part of ['train', 'valid', 'test'] as const) {
    const count = split[part].filter((row) => !Number.isNaN(known[part][row]!)).length
    if (count < fewest)
      return `the ${part} part has ${count} ${examples} of which it was known in time, expected at least ${fewest}`
  }
  const train = [...pick(search, split.train)].filter((value) => !Number.isNaN(value))
  return train.every((value) => value === train[0]) ? 'it never varies in the training part' : undefined
}

/** The headline's quantity is foretold as a curve; of the others three points do, and of a share, which hardly moves, one. */
function horizonsOf(quantity: Quantity, headline: OutcomeName): readonly Horizon[] {
  if (quantity === partsOfOutcome(headline).quantity) return horizons
  return quantityDefinition(quantity).scale === 'share' ? [7] : [1, 7, 28]
}

/** A target as the payload declares it. */
export function describeTarget(name: OutcomeName): TabularFeatures['targets'][number] {
  const { quantity, days } = partsOfOutcome(name)
  const { unit, description } = quantityDefinition(quantity)
  const until = days === 1 ? 'the day after publication' : `day ${days} after publication`
  return { name, unit, description: `${description} until the end of ${until}` }
}

/** Whether a target is learned as ln(1 + count). */
export const isCount = (name: OutcomeName): boolean =>
  quantityDefinition(partsOfOutcome(name).quantity).scale === 'count'

/** As metrics call what is learned: `ln views_7d`, `click_rate_7d`. */
export const learnedName = (name: OutcomeName): string => (isCount(name) ? `ln ${name}` : name)
