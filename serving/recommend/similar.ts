import { type LoadedModel, referenceOf } from '../runtime/loaded-model.ts'
import { alignmentOf } from './alignment.ts'
import { type Fallback, fallback, missingFallback, refusedFallback } from './fallback.ts'
import type { CatalogueView } from './live-catalogue.ts'

export interface SimilarItem {
  /** Catalogue index. */
  readonly index: number
  readonly score: number
}

/**
 * Contents that the same people like as this one. A content that the model does not know yet gets what trends in its category, its own creator's
 * contents first, and says so.
 *
 * @param index catalogue index of the content asked about; never in the answer
 * @param refusal why the model is no champion; its lists answer all the same, marked
 * @param absence why there is no model, if there is none
 */
export function similarTo(
  index: number,
  limit: number,
  { catalogue, trending }: CatalogueView,
  model: LoadedModel<'recommender'> | undefined,
  refusal: string | null,
  absence: string,
  now: number,
): { readonly items: readonly SimilarItem[]; readonly fallback: Fallback | null } {
  if (model !== undefined) {
    const items = neighbours(index, limit, alignmentOf(model, catalogue), model)
    const marked = refusal === null ? null : refusedFallback(referenceOf(model), refusal)
    if (items.length > 0) return { items, fallback: marked }
  }
  const card = catalogue.cards[index]!
  const sameCreator = (other: number): boolean => catalogue.creator[other] === catalogue.creator[index]
  const others = [...trending.list(now, { category: card.category })].filter((other) => other !== index)
  const related = [...others.filter(sameCreator), ...others.filter((other) => !sameCreator(other))]
    .slice(0, limit)
    .map((other) => ({ index: other, score: trending.scoreOf(other, now) }))
  return { items: related, fallback: model === undefined ? missingFallback(absence) : fallback('content-new-to-model') }
}

function neighbours(
  index: number,
  limit: number,
  { toCatalogue, toModel }: ReturnType<typeof alignmentOf>,
  model: LoadedModel<'recommender'>,
): SimilarItem[] {
  const item = toModel[index]!
  if (item < 0) return []
  const { k, items, scores } = model.payload.similar
  const found: SimilarItem[] = []
  for (let slot = item * k; slot < (item + 1) * k && found.length < limit; slot++) {
    if (items[slot]! < 0) break
    const other = toCatalogue[items[slot]!]!
    if (other >= 0 && other !== index) found.push({ index: other, score: scores[slot]! })
  }
  return found
}
