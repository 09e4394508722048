import type { FeatureField, FeatureService, FeatureView } from '../definitions/feature-view.ts'

/** Where a view's fields go in a service's FeatureMatrix. */
export interface ViewColumns {
  readonly view: FeatureView
  readonly numeric: readonly { readonly field: FeatureField; readonly column: number }[]
  readonly categorical: readonly { readonly field: FeatureField; readonly column: number }[]
}

/** A service's columns, view by view: float32 fields count through the numeric matrix, categories through the categorical one. */
export function serviceColumns(service: FeatureService): readonly ViewColumns[] {
  const views = new Map<
    FeatureView,
    { numeric: ViewColumns['numeric'][number][]; categorical: ViewColumns['categorical'][number][] }
  >()
  let numericColumn = 0
  let categoricalColumn = 0
  for (const { view, field } of service.fields) {
    const columns = views.get(view) ?? { numeric: [], categorical: [] }
    views.set(view, columns)
    if (field.dtype === 'float32') columns.numeric.push({ field, column: numericColumn++ })
    else columns.categorical.push({ field, column: categoricalColumn++ })
  }
  return [...views].map(([view, columns]) => ({ view, ...columns }))
}
