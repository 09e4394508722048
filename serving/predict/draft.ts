import type { Draft } from '../../features/transforms/draft-features.ts'
import type { Catalogue } from '../recommend/catalogue.ts'

/** A draft as a client gives it: whatever is left out is taken from the creator's card, or counts as unknown. */
export interface GivenDraft {
  readonly creatorId: string
  readonly title: string
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly platform?: string | undefined
  readonly category?: string | undefined
  readonly language?: string | undefined
  readonly durationSeconds?: number | undefined
  /** Seconds since 1970, UTC. */
  readonly plannedAt?: number | undefined
}

/** Fills in what the draft leaves out. @param now the moment of publication when none is given */
export function completeDraft(given: GivenDraft, catalogue: Catalogue, now: number): Draft {
  const creator = catalogue.creatorsById.get(given.creatorId)
  return {
    creatorId: given.creatorId,
    title: given.title,
    description: given.description ?? '',
    tags: given.tags ?? [],
    platform: given.platform ?? creator?.platform ?? '',
    category: given.category ?? creator?.category ?? '',
    language: given.language ?? '',
    durationSeconds: given.durationSeconds ?? null,
    plannedAt: given.plannedAt ?? now,
  }
}
