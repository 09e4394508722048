import type { FeatureService } from '../../features/definitions/feature-view.ts'
import type { LabelRows, OfflineStore } from '../../features/store/offline-store.ts'
import type { FeatureTable } from './content-table.ts'

/**
 * What was known of people or creators at the moment of each row, of a model whose every field comes from the store.
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function storeTable(
  rows: LabelRows,
  offline: OfflineStore,
  service: FeatureService,
): Promise<FeatureTable> {
  const { numeric, categorical } = await offline.historicalFeatures(service, rows)
  const fields = service.fields.map(({ field }) => field)
  const numericFields = fields.filter(({ dtype }) => dtype === 'float32')
  const categoricalFields = fields.filter(({ dtype }) => dtype === 'category')
  const noTexts = new Array<string>(rows.rowCount).fill('')
  return {
    rowCount: rows.rowCount,
    featureCount: numericFields.length,
    numericFields: numericFields.map(({ name, unit, description }) => ({ name, source: 'store', unit, description })),
    numeric,
    categoricalFields: categoricalFields.map(({ name, description }) => ({ name, source: 'store', description })),
    categorical,
    texts: { title: noTexts, description: noTexts, tags: noTexts },
  }
}
