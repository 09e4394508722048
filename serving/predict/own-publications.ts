import type { Catalogue } from '../recommend/catalogue.ts'
import { platformKey } from '../runtime/load-payload.ts'

/** Older publications are no neighbours of a slot, see `postingTimes`. */
export const longestSpacingHours = 24

type Publications = ReadonlyMap<string, readonly number[]>

const cache = new WeakMap<Catalogue, Publications>()

/**
 * When a creator published in the last day that the catalogue knows of.
 *
 * @param platform undefined: on any
 * @returns seconds since 1970, UTC
 */
export function ownPublications(
  catalogue: Catalogue,
  creatorId: string,
  platform: string | undefined,
): readonly number[] {
  const known = cache.get(catalogue) ?? publicationsOf(catalogue)
  cache.set(catalogue, known)
  return known.get(platform === undefined ? creatorId : platformKey(creatorId, platform)) ?? []
}

/** By `creatorId`, and by `platformKey`; computed once per catalogue. */
function publicationsOf({ cards, publishedAt, asOf }: Catalogue): Publications {
  const found = new Map<string, number[]>()
  const since = asOf - longestSpacingHours * 3600
  for (let i = 0; i < publishedAt.length; i++) {
    if (publishedAt[i]! < since) continue
    const { creatorId, platform } = cards[i]!
    for (const key of [creatorId, platformKey(creatorId, platform)]) {
      const moments = found.get(key)
      if (moments === undefined) found.set(key, [publishedAt[i]!])
      else moments.push(publishedAt[i]!)
    }
  }
  return found
}
