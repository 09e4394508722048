import type { FeatureService } from '../../features/definitions/feature-view.ts'
import type { OfflineStore } from '../../features/store/offline-store.ts'
import type { ChurnRows } from './churn-rows.ts'
import type { FeatureTable } from './content-table.ts'

const daySeconds = 86_400

/**
 * What was known of each person at the row's moment.
 *
 * @param service of features of users alone
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function personTable(
  { rowCount, userId, day }: Pick<ChurnRows, 'rowCount' | 'userId' | 'day'>,
  offline: OfflineStore,
  service: FeatureService,
): Promise<FeatureTable> {
  const at = Float64Array.from(day, (its) => its * daySeconds)
  const { numeric, categorical } = await offline.historicalFeatures(service, { rowCount, at, user: userId })
  const fields = service.fields.map(({ field }) => field)
  const numericFields = fields.filter(({ dtype }) => dtype === 'float32')
  const categoricalFields = fields.filter(({ dtype }) => dtype === 'category')
  const noTexts = new Array<string>(rowCount).fill('')
  return {
    rowCount,
    featureCount: numericFields.length,
    numericFields: numericFields.map(({ name, unit, description }) => ({ name, source: 'store', unit, description })),
    numeric,
    categoricalFields: categoricalFields.map(({ name, description }) => ({ name, source: 'store', description })),
    categorical,
    texts: { title: noTexts, description: noTexts, tags: noTexts },
  }
}
