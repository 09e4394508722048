import { AppError } from '../../errors.ts'
import type { FeatureMatrix } from '../../features/definitions/feature-matrix.ts'
import type { FeatureService } from '../../features/definitions/feature-view.ts'
import {
  type Draft,
  draftCategoricalFields,
  draftFeatures,
  draftNumericFields,
} from '../../features/transforms/draft-features.ts'
import type { Tensors } from '../../models/scorer.ts'
import type { TabularPayload } from '../runtime/loaded-model.ts'

/** The values of one draft by the names of their fields. */
interface Values {
  readonly numeric: ReadonlyMap<string, number>
  readonly categorical: ReadonlyMap<string, string>
}

type Source = TabularPayload['numeric'][number]['source']

/**
 * The network's inputs for one draft: `numeric` `[1, F]` (NaN = not given), `categorical` `[1, C]` (0 = unknown value).
 *
 * @param features the creator's features, one row
 * @param early    counts of the first hours by field name; what is missing is NaN
 * @throws AppError ARTIFACT_INVALID when the model asks for a field that this version does not compute
 */
export function tabularInputs(
  payload: TabularPayload,
  service: FeatureService,
  features: FeatureMatrix,
  draft: Draft,
  early: Readonly<Record<string, number>> = {},
): Tensors {
  const sources: Readonly<Record<Source, Values>> = {
    store: storeValues(service, features),
    draft: draftValues(draft),
    early: { numeric: new Map(Object.entries(early)), categorical: new Map() },
    text: { numeric: payload.textValues?.(draft) ?? new Map(), categorical: new Map() },
  }
  const numeric = Float32Array.from(payload.numeric, ({ name, source }) => {
    const value = sources[source].numeric.get(name)
    if (value === undefined && source !== 'early') throw unknownField(name, source)
    return value ?? Number.NaN
  })
  const categorical = Int32Array.from(payload.categorical, ({ name, source }, field) => {
    const value = sources[source].categorical.get(name)
    if (value === undefined) throw unknownField(name, source)
    return payload.vocabularyIndex[field]!.get(value) ?? 0
  })
  return {
    numeric: { shape: [1, numeric.length], data: numeric },
    categorical: { shape: [1, categorical.length], data: categorical },
  }
}

function storeValues(service: FeatureService, features: FeatureMatrix): Values {
  const numeric = new Map<string, number>()
  const categorical = new Map<string, string>()
  for (const { field } of service.fields) {
    if (field.dtype === 'float32') numeric.set(field.name, features.numeric[numeric.size]!)
    else categorical.set(field.name, features.categorical[categorical.size]![0]!)
  }
  return { numeric, categorical }
}

function draftValues(draft: Draft): Values {
  const computed = draftFeatures([draft])
  return {
    numeric: new Map(draftNumericFields.map((field, column) => [field.name, computed.numeric[column]!])),
    categorical: new Map(
      draftCategoricalFields.map((field, column) => [field.name, computed.categorical[column]![0]!]),
    ),
  }
}

const unknownField = (name: string, source: string): AppError =>
  new AppError(
    'ARTIFACT_INVALID',
    `The model asks for the ${source} field ${name}, which this version does not compute. Train it again.`,
  )
