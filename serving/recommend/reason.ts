import type { HistoryEvent } from '../../features/store/online-store.ts'
import type { Catalogue } from './catalogue.ts'
import { type Candidates, candidateSources } from './retrieve.ts'

export const reasonCodes = ['next', 'similar', 'taste', 'popular', 'trending', 'fresh'] as const
type ReasonCode = (typeof reasonCodes)[number]

/** Why a content is in a list, for a program and for a person. */
export interface Reason {
  readonly code: ReasonCode
  readonly text: string
  /** The content in the user's history that speaks for it. */
  readonly becauseOf: string | null
}

/** From here on the network's opinion, in standard deviations, explains a content better than its being popular or new. */
const tasteThreshold = 1

const plain: Readonly<Record<Exclude<ReasonCode, 'next' | 'similar'>, Reason>> = {
  taste: { code: 'taste', text: 'Matches what you like', becauseOf: null },
  popular: { code: 'popular', text: 'Popular with everyone', becauseOf: null },
  trending: { code: 'trending', text: 'Trending now', becauseOf: null },
  fresh: { code: 'fresh', text: 'New', becauseOf: null },
}

/** A reason that is not about the user. */
export const generalReason = (code: keyof typeof plain): Reason => plain[code]

/** The reason of one candidate: the event that led to it, the network's opinion, or where else it came from. */
export function reasonOf(
  candidates: Candidates,
  position: number,
  network: number,
  history: readonly HistoryEvent[],
  catalogue: Catalogue,
): Reason {
  const source = candidateSources[candidates.source[position]!]!
  if (source === 'next' || source === 'similar') {
    const becauseOf = history[candidates.because[position]!]!.contentId
    const index = catalogue.indexOf.get(becauseOf)
    const title = (index === undefined ? '' : catalogue.cards[index]!.title) || becauseOf
    return { code: source, text: `${source === 'next' ? 'Often follows' : 'Goes with'} “${title}”`, becauseOf }
  }
  return network >= tasteThreshold ? plain.taste : plain[source]
}
