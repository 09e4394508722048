import type { LoadedModel } from '../runtime/loaded-model.ts'
import type { Catalogue } from './catalogue.ts'

/** Where a model's items stand in the catalogue and the other way round; −1 where the other does not know one. */
export interface Alignment {
  /** `[items of the model]` → catalogue index. */
  readonly toCatalogue: Int32Array
  /** `[contents of the catalogue]` → item index. */
  readonly toModel: Int32Array
}

const cache = new WeakMap<LoadedModel, { readonly catalogue: Catalogue; readonly alignment: Alignment }>()

/** Computed once per model and catalogue. New contents are unknown to the model, deleted ones to the catalogue: both are normal. */
export function alignmentOf(model: LoadedModel<'recommender'>, catalogue: Catalogue): Alignment {
  const cached = cache.get(model)
  if (cached?.catalogue === catalogue) return cached.alignment
  const { items } = model.payload.vocabulary
  const toModel = new Int32Array(catalogue.cards.length).fill(-1)
  const toCatalogue = Int32Array.from(items, (id, item) => {
    const index = catalogue.indexOf.get(id) ?? -1
    if (index >= 0) toModel[index] = item
    return index
  })
  const alignment = { toCatalogue, toModel }
  cache.set(model, { catalogue, alignment })
  return alignment
}
