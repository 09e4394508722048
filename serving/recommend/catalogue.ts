import type { ContentCard, CreatorCard, HeldFacts, OnlineStore } from '../../features/store/online-store.ts'
import { countryClock } from '../../features/transforms/country-clock.ts'

/** All contents that may be recommended, in memory; the columns that ranking reads are typed arrays by catalogue index. */
export interface Catalogue {
  /** The online store's version it was read from; undefined when nothing was materialised yet. */
  readonly version: string | undefined
  readonly synthetic: boolean
  /** The moment that the cards' trending scores describe, seconds since 1970, UTC. */
  readonly asOf: number
  /** The events that those scores count already. */
  readonly held: HeldFacts
  readonly cards: readonly ContentCard[]
  readonly indexOf: ReadonlyMap<string, number>
  /** Code of the creator, or −1 where a content has none. */
  readonly creator: Int32Array
  readonly category: Int32Array
  /** Seconds since 1970, UTC. */
  readonly publishedAt: Float64Array
  /** The newest contents, newest first, at most 50. */
  readonly newest: Int32Array
  readonly creators: readonly CreatorCard[]
  readonly creatorsById: ReadonlyMap<string, CreatorCard>
}

const newestKept = 50

/** Reads the online store's current version. @throws AppError STORE_FAILED */
export async function loadCatalogue(store: OnlineStore, now: number): Promise<Catalogue> {
  const version = await store.version()
  const cards: ContentCard[] = []
  const creators: CreatorCard[] = []
  if (version !== undefined) {
    for await (const card of store.catalogue()) cards.push(card)
    for await (const creator of store.creators()) creators.push(creator)
    // A country's clock takes a while to find the first time: here, not in a request.
    for (const { country } of creators) countryClock(country)
  }
  const asOf = Math.max(0, ...(await store.freshness()).map((view) => view.asOf))
  const synthetic = version !== undefined && (await store.isSynthetic())
  const held = version === undefined ? undefined : await store.heldFacts()
  return catalogueOf(cards, creators, { version, synthetic, asOf: asOf === 0 ? now : asOf, ...(held && { held }) })
}

/** What a version holds that does not say it: everything before its moment, whenever that was received. */
const heldUntil = (asOf: number): HeldFacts => ({ until: asOf, readAt: Number.POSITIVE_INFINITY })

/** A content without a time of publication counts as older than any film: 1800-01-01. */
const oldest = Date.UTC(1800, 0, 1) / 1000

/** The catalogue of some cards. @param facts without `held`, all events up to `asOf` count as held */
export function catalogueOf(
  cards: readonly ContentCard[],
  creators: readonly CreatorCard[],
  facts: Pick<Catalogue, 'version' | 'synthetic' | 'asOf'> & Partial<Pick<Catalogue, 'held'>>,
): Catalogue {
  const publishedAt = Float64Array.from(cards, (card) => card.publishedAt ?? oldest)
  const byAge = Int32Array.from(cards.keys()).sort((a, b) => publishedAt[b]! - publishedAt[a]! || a - b)
  const creatorsById = new Map<string, CreatorCard>()
  for (const creator of creators) {
    if (!creatorsById.has(creator.creatorId)) creatorsById.set(creator.creatorId, creator)
  }
  return {
    held: heldUntil(facts.asOf),
    ...facts,
    cards,
    indexOf: new Map(cards.map((card, index) => [card.contentId, index])),
    creator: codes(cards.map((card) => card.creatorId)),
    category: codes(cards.map((card) => card.category)),
    publishedAt,
    newest: byAge.slice(0, newestKept),
    creators,
    creatorsById,
  }
}

/** Integer codes of strings; the empty string, which stands for "none", is −1. */
function codes(values: readonly string[]): Int32Array {
  const known = new Map<string, number>([['', -1]])
  return Int32Array.from(values, (value) => {
    let code = known.get(value)
    if (code === undefined) {
      code = known.size - 1
      known.set(value, code)
    }
    return code
  })
}
