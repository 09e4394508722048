import type { FeatureTable } from '../datasets/content-table.ts'
import { fitLogistic, fitLogisticByValidation, sigmoid } from '../estimators/logistic.ts'
import { rowsOf } from '../estimators/ridge.ts'
import { besideColumns, columnOf } from '../estimators/standard-scale.ts'
import type { PlattScale } from '../evaluation/platt.ts'
import { calibrateTabular } from '../networks/calibrate-tabular.ts'
import { prepareTable, type TabularModel } from '../networks/tabular-model.ts'
import type { HazardTargets } from './churn-targets.ts'
import type { JobContext } from './job.ts'
import type { TabularNetworkConfig } from './tabular-config.ts'
import { fitNetwork } from './tabular-result.ts'

interface FittedHazards {
  readonly model: TabularModel
  readonly calibration: PlattScale
  /** Calibrated hazards of rows of the table, `[rows, weeks]`. */
  readonly hazards: (rows: Int32Array) => Float32Array
  /** Those of the linear counterpart, which reads the same. */
  readonly linearHazards: (rows: Int32Array) => Float32Array
}

/**
 * Fits one hazard per week: a network with an output each, of whose targets those after the event and after the end of observation are not
 * known.
 *
 * All weeks are calibrated by one scale, and hazards rather than the probabilities of the horizons: so these agree with each other, and the weeks
 * known of a horizon that was not over count.
 */
export async function fitHazards(
  context: JobContext,
  config: Omit<TabularNetworkConfig, 'textDirections'>,
  table: FeatureTable,
  { ends, search, final, rows: { train, valid, past } }: HazardTargets,
): Promise<FittedHazards> {
  const width = ends.length
  const prepared = prepareTable(table, train, config.bins)
  const penalties: number[] = []
  for (let t = 0; t < width; t++) {
    const { l2 } = await fitLogisticByValidation(prepared.design, train, valid, columnOf(search, width, t))
    penalties.push(l2)
  }
  const kind = { name: 'churn', kind: 'classification' } as const
  const model = await fitNetwork(context, config, kind, {
    prepared,
    rowCount: table.rowCount,
    outputs: width,
    train: { rows: train, targets: search },
    valid,
    past: { rows: past, targets: final },
    fitLinear: (target, part, t) => fitLogistic(prepared.design, part, target, penalties[t]!),
  })
  const calibration = calibrateTabular(model, valid, rowsOf({ values: search, width }, valid).values, config.refit)
  const { slope, intercept } = calibration
  return {
    model,
    calibration,
    hazards: (rows) => model.predict('final', rows).map((z) => sigmoid(slope * z + intercept)),
    linearHazards: (rows) => besideColumns(model.predictLinear(rows)).map(sigmoid),
  }
}
