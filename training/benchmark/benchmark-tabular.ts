import process from 'node:process'
import type { Logger } from '../../log.ts'
import type { Estimate } from '../../models/artifact/manifest.ts'
import type { Progress } from '../../progress.ts'
import type { TfBackendName } from '../backend/select-backend.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import { type PredictionColumns, type PredictionTable, readPredictionTable } from '../datasets/prediction-table.ts'
import type { PartFiles, PartName } from '../datasets/table-parts.ts'
import { fitLogistic, fitLogisticByValidation, sigmoid } from '../estimators/logistic.ts'
import { fitRidge, fitRidgeByValidation } from '../estimators/ridge.ts'
import { standardise, standardScale } from '../estimators/standard-scale.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'
import { networkOf, type TabularNetworkConfig } from '../jobs/tabular-config.ts'
import { calibrateTabular } from '../networks/calibrate-tabular.ts'
import {
  prepareTable,
  type TabularModel,
  type TabularModelInput,
  trainTabularModel,
} from '../networks/tabular-model.ts'
import { withTextColumns } from '../networks/text-columns.ts'
import { measurePredictions } from './measure-predictions.ts'
import { peakMb } from './peak-mb.ts'

export interface TabularRequest {
  readonly files: PartFiles
  readonly columns: PredictionColumns
  readonly config: TabularNetworkConfig
  readonly seed: number
  readonly backend: TfBackendName | 'auto'
  readonly log: Logger
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface TabularResult {
  readonly rows: Readonly<Record<PartName, number>>
  readonly features: number
  readonly leftOut: PredictionTable['leftOut']
  readonly remarks: PredictionTable['remarks']
  /** On the test part: our model, then what it must beat. */
  readonly models: readonly { readonly model: string; readonly metrics: Readonly<Record<string, Estimate>> }[]
  /** Choosing, fitting and calibrating our model; reading and judging left out. */
  readonly fitSeconds: number
  /** Of all cores. */
  readonly cpuSeconds: number
  /** Most memory the process held, MB. */
  readonly peakMb: number
}

/**
 * Fits the tabular network on a table in three parts, and judges it on the last beside its linear counterpart and the training mean. The
 * validation part chooses epochs and penalties and calibrates; then all are fitted on both parts together.
 *
 * @throws AppError see `readPredictionTable`
 */
export async function benchmarkTabular(request: TabularRequest): Promise<TabularResult> {
  const { columns, seed, signal } = request
  const table = await readPredictionTable(request.files, columns)
  signal.throwIfAborted()
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  const predictions = columns.task === 'binary' ? await classify(table, request) : await regress(table, request)
  const fitSeconds = (performance.now() - started) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  const { train, valid, test } = table.parts
  const actual = pick(table.target, test)
  const groups = table.groups && Int32Array.from(test, (row) => table.groups![row]!)
  return {
    rows: { train: train.length, valid: valid.length, test: test.length },
    features: table.featureCount + table.categorical.length + table.texts.length,
    leftOut: table.leftOut,
    remarks: table.remarks,
    models: Object.entries(predictions).map(([model, prediction]) => ({
      model,
      metrics: measurePredictions(columns.task, prediction, actual, { seed, ...(groups && { groups }) }),
    })),
    fitSeconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakMb: peakMb(),
  }
}

/** What each model says of the test rows, by its name. */
type Predictions = Readonly<Record<string, Float64Array>>

async function regress(given: PredictionTable, request: TabularRequest): Promise<Predictions> {
  const { train, valid, test } = given.parts
  const past = pastOf(given)
  const scale = standardScale(given.target, train)
  const targets = standardise([given.target], [scale])
  const table = await withTexts(given, 'regression', targets, request)
  const prepared = prepareTable(table, train, request.config.bins)
  const { lambda } = fitRidgeByValidation(prepared.design, train, valid, targets)
  const fitLinear: TabularModelInput['fitLinear'] = (target, rows) => fitRidge(prepared.design, rows, target, lambda)
  const model = await fitNetwork({ kind: 'regression', table, prepared, targets, past, fitLinear }, request)
  const inUnits = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from(values, (value) => value * scale.sd + scale.mean)
  return {
    ours: inUnits(model.predict('final', test)),
    ridge: inUnits(model.predictLinear(test)[0]!),
    mean: new Float64Array(test.length).fill(mean(pick(table.target, past))),
  }
}

async function classify(given: PredictionTable, request: TabularRequest): Promise<Predictions> {
  const { train, valid, test } = given.parts
  const past = pastOf(given)
  const targets = Float32Array.from(given.target)
  const table = await withTexts(given, 'classification', targets, request)
  const prepared = prepareTable(table, train, request.config.bins)
  const { l2 } = await fitLogisticByValidation(prepared.design, train, valid, targets)
  const fitLinear: TabularModelInput['fitLinear'] = (target, rows) => fitLogistic(prepared.design, rows, target, l2)
  const model = await fitNetwork({ kind: 'classification', table, prepared, targets, past, fitLinear }, request)
  const { slope, intercept } = calibrateTabular(model, valid, pick(table.target, valid), request.config.refit)
  return {
    ours: Float64Array.from(model.predict('final', test), (logit) => sigmoid(slope * logit + intercept)),
    logistic: model.predictLinear(test)[0]!.map(sigmoid),
    'base rate': new Float64Array(test.length).fill(mean(pick(table.target, past))),
  }
}

async function withTexts(
  table: PredictionTable,
  kind: TabularModelInput['kind'],
  targets: Float32Array,
  { config, seed, signal }: TabularRequest,
): Promise<PredictionTable> {
  if (table.texts.length === 0) return table
  const options = { directions: config.textDirections, seed, signal }
  return (await withTextColumns(table, table.texts, kind, targets, table.parts.train, options)).table
}

const pastOf = ({ parts }: PredictionTable): Int32Array => concatIndices(parts.train, parts.valid)

type FromTable = Pick<TabularModelInput, 'prepared' | 'fitLinear' | 'kind'> & {
  readonly table: PredictionTable
  /** `[rowCount]` */
  readonly targets: Float32Array
  readonly past: Int32Array
}

function fitNetwork(
  { table, targets, past, kind, prepared, fitLinear }: FromTable,
  { config, seed, signal, log, progress, backend }: TabularRequest,
): Promise<TabularModel> {
  const { train, valid } = table.parts
  return trainTabularModel(
    {
      ...networkOf(config, kind, train.length),
      prepared,
      fitLinear,
      rowCount: table.rowCount,
      outputs: 1,
      train: { rows: train, targets },
      valid,
      past: { rows: past, targets },
    },
    { seed, signal, log, progress, backend, label: 'ours' },
  )
}
