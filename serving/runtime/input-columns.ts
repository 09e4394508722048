import { AppError } from '../../errors.ts'
import type { FeatureService } from '../../features/definitions/feature-view.ts'
import { draftCategoricalFields, draftNumericFields } from '../../features/transforms/draft-features.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'

/** Where serving takes a column of a tabular model's inputs from. */
interface InputColumn {
  readonly source: TabularFeatures['numeric'][number]['source']
  /** Its column in what the source computes; of early counts, which come by name, −1. */
  readonly at: number
}

export interface InputColumns {
  readonly numeric: readonly InputColumn[]
  readonly categorical: readonly InputColumn[]
}

/**
 * Finds each column that a tabular model reads, once, so that no request searches for it.
 *
 * @param service the model's feature service; undefined where it reads none
 * @throws AppError ARTIFACT_INVALID when the model asks for a field that this version does not compute
 */
export function inputColumns(features: TabularFeatures, service: FeatureService | undefined): InputColumns {
  const stored = (category: boolean): string[] =>
    (service?.fields ?? []).flatMap(({ field }) => ((field.dtype === 'category') === category ? [field.name] : []))
  const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name)
  const texts = names(features.numeric.filter(({ source }) => source === 'text'))
  const find = (known: Readonly<Partial<Record<InputColumn['source'], readonly string[]>>>) => {
    return ({ name, source }: { readonly name: string; readonly source: InputColumn['source'] }): InputColumn => {
      const at = known[source]?.indexOf(name) ?? -1
      if (at < 0 && source !== 'early') throw unknownField(name, source)
      return { source, at }
    }
  }
  return {
    numeric: features.numeric.map(find({ store: stored(false), draft: names(draftNumericFields), text: texts })),
    categorical: features.categorical.map(find({ store: stored(true), draft: names(draftCategoricalFields) })),
  }
}

const unknownField = (name: string, source: string): AppError =>
  new AppError(
    'ARTIFACT_INVALID',
    `The model asks for the ${source} field ${name}, which this version does not compute. Train it again.`,
  )
