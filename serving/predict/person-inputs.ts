import { AppError } from '../../errors.ts'
import type { FeatureMatrix } from '../../features/definitions/feature-matrix.ts'
import type { FeatureService } from '../../features/definitions/feature-view.ts'
import type { Tensors } from '../../models/scorer.ts'
import type { TabularPayload } from '../runtime/loaded-model.ts'

/**
 * The network's inputs for some rows of a matrix whose every field comes from the store: `numeric` `[n, F]`, `categorical` `[n, C]` (0 = unknown
 * value).
 *
 * @param service whose features these are
 * @throws AppError ARTIFACT_INVALID when the model asks for a field that this version does not compute
 */
export function personInputs(
  payload: TabularPayload,
  service: FeatureService,
  features: FeatureMatrix,
  rows: Int32Array,
): Tensors {
  const columns = (dtype: 'float32' | 'category', wanted: readonly { readonly name: string }[]): readonly number[] => {
    const names = service.fields.filter(({ field }) => field.dtype === dtype).map(({ field }) => field.name)
    return wanted.map(({ name }) => {
      const column = names.indexOf(name)
      if (column >= 0) return column
      throw new AppError(
        'ARTIFACT_INVALID',
        `The model asks for the field ${name}, which this version does not compute. Train it again.`,
      )
    })
  }
  const width = features.numeric.length / features.rowCount
  const from = columns('float32', payload.numeric)
  const numeric = new Float32Array(rows.length * from.length)
  const lists = columns('category', payload.categorical).map((column) => features.categorical[column]!)
  const categorical = new Int32Array(rows.length * lists.length)
  rows.forEach((row, i) => {
    for (let j = 0; j < from.length; j++) numeric[i * from.length + j] = features.numeric[row * width + from[j]!]!
    for (let j = 0; j < lists.length; j++) {
      categorical[i * lists.length + j] = payload.vocabularyIndex[j]!.get(lists[j]![row]!) ?? 0
    }
  })
  return {
    numeric: { shape: [rows.length, from.length], data: numeric },
    categorical: { shape: [rows.length, lists.length], data: categorical },
  }
}
