import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { DraftWorld, GivenDraft } from './draft.ts'
import { type EngagementPrediction, predictEngagement } from './predict-engagement.ts'
import type { DraftFacts, ScoredDrafts, TabularModel } from './score-drafts.ts'

/** What a draft will earn in money, with the ends of an interval that holds 80 % of outcomes. */
interface Interval {
  readonly value: number
  readonly lower: number
  readonly upper: number
}

/** US dollars by the end of a horizon. */
export type RevenueInterval = Interval & { readonly horizonDays: number }

export interface DraftRevenue extends DraftFacts {
  /** US dollars, the headline's horizon first. */
  readonly revenue: readonly RevenueInterval[]
  /** (revenue − cost)/cost at the longest horizon; null where no cost is given. */
  readonly returnOnInvestment: RevenueInterval | null
}

/**
 * What drafts will earn by advertising and sponsorship, in one run of the network.
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function predictRevenue(
  model: TabularModel,
  store: GuardedStore,
  given: readonly GivenDraft[],
  world: DraftWorld,
): Promise<ScoredDrafts & { readonly drafts: readonly DraftRevenue[] }> {
  const scored = await predictEngagement(model, store, given, world)
  const drafts = scored.drafts.map(({ predictions, ...facts }, i) => {
    const revenue = predictions.map(inDollars)
    return { ...facts, revenue, returnOnInvestment: returnOf(revenue, given[i]!.costUsd) }
  })
  return { ...scored, drafts }
}

/** A model foretells cents, by targets such as `revenue_28d`. */
export const inDollars = ({ target, value, lower, upper }: Omit<EngagementPrediction, 'unit'>): RevenueInterval => ({
  horizonDays: Number(/_(\d+)d$/.exec(target)![1]),
  value: value / 100,
  lower: lower / 100,
  upper: upper / 100,
})

function returnOf(revenue: DraftRevenue['revenue'], cost: number | undefined): DraftRevenue['returnOnInvestment'] {
  if (cost === undefined) return null
  const { horizonDays, value, lower, upper } = revenue.reduce((a, b) => (b.horizonDays > a.horizonDays ? b : a))
  const of = (dollars: number): number => (dollars - cost) / cost
  return { horizonDays, value: of(value), lower: of(lower), upper: of(upper) }
}
