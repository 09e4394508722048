import {
  type CreatorOutcome,
  type CreatorWeeks,
  readCreatorWeeks,
  revenueHorizons,
  weeksWith,
} from '../datasets/creator-weeks.ts'
import {
  describeKnown,
  hideUnknown,
  type KnownValues,
  type KnownWords,
  knownRows,
  requireKnown,
} from '../datasets/known-outcomes.ts'
import { partsOfOutcome } from '../datasets/outcome-names.ts'
import { day, splitByTime, type TimeSplit, type TimeSplitOptions } from '../datasets/time-split.ts'
import type { CreatorRevenueConfig } from './creator-revenue.ts'
import { firstSufficient } from './first-sufficient.ts'
import type { JobContext } from './job.ts'
import { whyNotTarget } from './outcome-targets.ts'
import { trackParts } from './tabular-progress.ts'

const daySeconds = 86_400

/** Without `days` in the configuration, fewer days were tried already. */
const wordsFor = (days: number | undefined): KnownWords => ({
  examples: 'creators’ weeks',
  ...(days !== undefined && days > 7 && { advice: 'fewer days can be judged by --set days=7' }),
})

/**
 * Creators at Mondays, the revenue that is to be foretold, and what of it was known in time.
 *
 * @throws AppError DATA_INSUFFICIENT saying of what there is too little
 */
export async function readRevenueOfWeeks({ source, log, tracker }: JobContext, config: CreatorRevenueConfig) {
  const all = await readCreatorWeeks(source, { creators: config.maxCreators, weeks: config.weeks })
  const headlines = (config.days === undefined ? ([28, 14, 7] as const) : [config.days]).map(
    (days): CreatorOutcome => `revenue_${days}d`,
  )
  const words = wordsFor(config.days)
  const judgeable = (headline: CreatorOutcome) => {
    const weeks = weeksWith(all, headline)
    const split = splitByTime(
      weeks.at,
      wholeParts(weeks, headline, config),
      config.minWeeks,
      `creators’ weeks with known ${headline}`,
    )
    const rows = knownRows(split, [knownOf(weeks, headline, split)])
    requireKnown(headline, split, rows, ['train', 'valid'], config.minWeeks, words)
    const remark = describeKnown(headline, split, rows, ['train', 'valid', 'past'], words)
    return { headline, weeks, split, remark }
  }
  const { headline, weeks, split, remark } = firstSufficient(headlines, judgeable, log)
  const others = revenueHorizons.map((days): CreatorOutcome => `revenue_${days}d`).filter((name) => name !== headline)
  const dropped = others.flatMap((name) => {
    const { search } = knownOf(weeks, name, split)
    const reason = whyNotTarget(search, weeks.outcomes.get(name)!, split, words.examples)
    return reason === undefined ? [] : [{ name, reason }]
  })
  for (const { name, reason } of dropped) log.info({ target: name, reason }, 'target left out')
  trackParts(tracker, split, 'creator-weeks')
  const names = [headline, ...others.filter((name) => dropped.every((its) => its.name !== name))]
  const known = names.map((name) => logsOf(knownOf(weeks, name, split)))
  return {
    ...{ weeks, split, headline, names, dropped, remark },
    values: names.map((name) => weeks.outcomes.get(name)!.map(Math.log1p)),
    search: known.map((its) => its.search),
    final: known.map((its) => its.final),
    rows: knownRows(split, known),
  }
}

/**
 * Where the parts begin: the test and validation parts are a seventh of the Mondays each, but the validation part is so long that the outcomes
 * of two of its Mondays are known when it ends.
 */
function wholeParts({ at }: CreatorWeeks, headline: CreatorOutcome, options: TimeSplitOptions): TimeSplitOptions {
  const mondays = [...new Set(at)]
  const share = Math.max(2, Math.round(mondays.length / 7))
  const testAt = mondays.length - share
  const validAt = testAt - Math.max(share, partsOfOutcome(headline).days / 7 + 1)
  const from = (index: number): string => day(mondays[Math.max(0, index)] ?? 0)
  return {
    validFrom: options.validFrom ?? from(validAt),
    testFrom: options.testFrom ?? from(testAt),
    until: options.until,
  }
}

/** An outcome as it was known in time: from the end of its last day on. */
function knownOf({ at, outcomes }: CreatorWeeks, name: CreatorOutcome, split: TimeSplit): KnownValues {
  const seconds = partsOfOutcome(name).days * daySeconds
  return hideUnknown(
    outcomes.get(name)!,
    at.map((moment) => moment + seconds),
    split,
  )
}

const logsOf = ({ search, final }: KnownValues): KnownValues => ({
  search: search.map(Math.log1p),
  final: final.map(Math.log1p),
})
