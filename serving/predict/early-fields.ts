import { AppError } from '../../errors.ts'
import type { TabularPayload } from '../runtime/loaded-model.ts'
import type { GivenDraft } from './draft.ts'

/** When a content is asked about; with first counts it is published, and much less is open. */
export const draftMoments = ['before-publication', 'after-first-day'] as const

/** Which of the two a draft is asked about at: see `requireEarlyFields` for the counts that it may carry. */
export const momentOf = ({ early = {} }: GivenDraft): (typeof draftMoments)[number] =>
  draftMoments[Object.keys(early).length > 0 ? 1 : 0]

/** Names of the early counts that a model takes. */
export const earlyFields = (payload: TabularPayload): string[] =>
  payload.numeric.filter((field) => field.source === 'early').map((field) => field.name)

/** @param at before the name in the error, such as `drafts.3.` @throws AppError INPUT_INVALID naming a count that the model does not know */
export function requireEarlyFields(payload: TabularPayload, { early = {} }: GivenDraft, at = ''): void {
  const known = earlyFields(payload)
  const odd = Object.keys(early).find((name) => !known.includes(name))
  if (odd === undefined) return
  const expected = known.length === 0 ? 'no early counts: this model uses none' : `one of ${known.join(', ')}`
  throw new AppError('INPUT_INVALID', `${at}early.${odd} is not known to the model; expected ${expected}.`, {
    details: { field: `${at}early.${odd}` },
  })
}
