import { AppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { FeatureView } from '../definitions/feature-view.ts'
import { dayName, dayNumber } from './day.ts'
import type { factSpan } from './fact-span.ts'

/** How far back the snapshots go by default: three years. A single fact with a wrong, old date costs nothing then. */
const defaultDays = 1095
/** More days than this are more likely a wrong date than a wish. */
const mostDays = 10_000

/** First and last snapshot day, days since 1970. */
export interface DayRange {
  readonly from: number
  readonly to: number
}

/**
 * The snapshot days of a build.
 *
 * @param span the days there are facts of
 * @param asked first and last day, `YYYY-MM-DD`; by default the three years up to the day after the last facts
 * @throws AppError INPUT_INVALID (days) | DATA_INSUFFICIENT (no facts)
 */
export function snapshotRange(
  span: Awaited<ReturnType<typeof factSpan>>,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  log: Logger,
): DayRange {
  if (span === undefined) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      'Expected rows in fct_interactions or fct_content_daily to build features from; both are empty. Run `contentflow sample` or `contentflow import …`.',
    )
  }
  const first = span.first + 1
  const last = to === undefined ? span.last + 1 : parseDay('to', to)
  const recent = Math.max(first, last - defaultDays)
  const range = { from: from === undefined ? recent : parseDay('from', from), to: last }
  if (range.from > range.to) {
    throw new AppError(
      'INPUT_INVALID',
      `The first snapshot day ${dayName(range.from)} is after the last, ${dayName(range.to)}; expected from ≤ to.`,
    )
  }
  if (range.to - range.from >= mostDays) {
    throw new AppError(
      'INPUT_INVALID',
      `The snapshot days go from ${dayName(range.from)} to ${dayName(range.to)}; expected at most ${mostDays} days. Give a later --from or an earlier --to.`,
    )
  }
  if (from === undefined && recent > first) {
    log.info(
      { firstFacts: dayName(span.first), from: dayName(recent), to: dayName(last) },
      `the facts go further back than ${defaultDays} days: snapshots are built from ${dayName(recent)} on; --from reaches further`,
    )
  }
  return range
}

/** Every `everyDays`-th day (Mondays for a weekly view), and the last. */
export function wantedDays(view: FeatureView, { from, to }: DayRange): ReadonlySet<number> {
  const monday = 4 // 1970-01-05
  const days = new Set<number>()
  for (let day = from; day <= to; day++) if ((day - monday) % view.everyDays === 0) days.add(day)
  return days.add(to)
}

function parseDay(field: string, text: string): number {
  const day = dayNumber(text)
  if (Number.isNaN(day)) {
    throw new AppError('INPUT_INVALID', `--${field} is ${JSON.stringify(text)}; expected a day like 2026-10-31.`, {
      details: { field, got: text },
    })
  }
  return day
}
