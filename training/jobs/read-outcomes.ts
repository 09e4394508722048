import { z } from 'zod'
import { contentsWith, readContentOutcomes } from '../datasets/contents.ts'
import { earlyQuantities } from '../datasets/early-counts.ts'
import { describeKnown, hideUnknown, knownFrom, knownRows, requireKnown } from '../datasets/known-outcomes.ts'
import { type OutcomeName, partsOfOutcome, type Quantity } from '../datasets/outcome-names.ts'
import { splitByTime } from '../datasets/time-split.ts'
import { firstSufficient } from './first-sufficient.ts'
import type { JobContext } from './job.ts'
import { chooseTargets, headlineTargets, isCount } from './outcome-targets.ts'
import { tabularOptions } from './tabular-config.ts'
import { trackParts } from './tabular-progress.ts'

/** Options of models that foretell outcomes, but for what they foretell. */
export const outcomeOptions = {
  ...tabularOptions,
  intervalCoverage: z.number().min(0.5).max(0.99).default(0.8).describe('share of outcomes within the interval'),
  minContents: z.number().int().min(10).default(20).describe('fewest contents in each part of the split'),
}

const optionsSchema = z.strictObject(outcomeOptions)
export type OutcomeOptions = z.infer<typeof optionsSchema>

/** What is to be foretold. */
export interface WantedOutcomes {
  readonly quantities: readonly Quantity[]
  /** What the gate judges: the first of which enough was known in time. */
  readonly headlines: readonly OutcomeName[]
  /** Whether it may also be foretold from the counts of the first day. */
  readonly early: boolean
}

/**
 * The contents, what the model is to foretell of them, and what of that was known in time.
 *
 * @throws AppError DATA_INSUFFICIENT saying of what there is too little
 */
export async function readOutcomes(
  { source, log, tracker }: JobContext,
  config: OutcomeOptions,
  { quantities, headlines, early }: WantedOutcomes,
) {
  const read = new Set([
    ...quantities,
    ...headlines.map((name) => partsOfOutcome(name).quantity),
    ...(early ? earlyQuantities : []),
  ])
  const all = await readContentOutcomes(source, [...read])
  const judgeable = (headline: OutcomeName) => {
    const contents = contentsWith(all, headline)
    const split = splitByTime(contents.publishedAt, config, config.minContents, `contents with known ${headline}`)
    const known = hideUnknown(contents.outcomes.get(headline)!, knownFrom(contents, headline), split)
    const rows = knownRows(split, [known])
    requireKnown(headline, split, rows, ['train', 'valid'], config.minContents)
    const remark = describeKnown(headline, split, rows, ['train', 'valid', 'past'])
    return { headline, contents, split, remark }
  }
  const { headline, contents, split, remark } = firstSufficient(headlineTargets(all, headlines), judgeable, log)
  const targets = chooseTargets(contents, split, quantities, headline)
  for (const { name, reason } of targets.dropped) log.info({ target: name, reason }, 'target left out')
  trackParts(tracker, split)
  const values = targets.names.map((name) => {
    const outcome = contents.outcomes.get(name)!
    return isCount(name) ? Float64Array.from(outcome, Math.log1p) : outcome
  })
  const knownAt = targets.names.map((name) => knownFrom(contents, name))
  const known = values.map((its, t) => hideUnknown(its, knownAt[t]!, split))
  return {
    contents,
    split,
    targets,
    headline,
    values,
    knownAt,
    search: known.map((its) => its.search),
    final: known.map((its) => its.final),
    rows: knownRows(split, known),
    remark,
  }
}
