import type { CreatorCard } from '../../features/store/online-store.ts'
import type { Draft } from '../../features/transforms/draft-features.ts'

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
  /** What it costs to make, for its return on investment. */
  readonly costUsd?: number | undefined
  /** First counts of a published content, until the end of the day after publication, by the model's names. */
  readonly early?: Readonly<Record<string, number>> | undefined
}

/** What predictions are made from: the creators' cards fill drafts, and `now` is when what is not planned is published. */
export interface DraftWorld {
  readonly creatorsById: ReadonlyMap<string, CreatorCard>
  /** Seconds since 1970, UTC. */
  readonly now: number
}

/** Fills in what the draft leaves out. */
export function completeDraft(given: GivenDraft, { creatorsById, now }: DraftWorld): Draft {
  const creator = creatorsById.get(given.creatorId)
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
    country: creator?.country ?? '',
  }
}
