import { z } from 'zod'
import { featureService } from '../../features/definitions/index.ts'
import { forecastAges } from '../datasets/forecast-table.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { partsOfOutcome } from '../datasets/outcome-names.ts'
import { describeData } from '../datasets/time-split.ts'
import { scalesByAge, standardiseByAge } from '../estimators/growth-scales.ts'
import { judgeBaselines } from '../evaluation/baseline-gate.ts'
import { pick } from '../evaluation/metric-row.ts'
import { rmse } from '../evaluation/regression.ts'
import { prepareTable } from '../networks/tabular-model.ts'
import { readForecastData } from './forecast-data.ts'
import { countsByGrowth, offsetsByAge } from './forecast-intervals.ts'
import { type ForecastTest, forecastMetrics, judgedAge } from './forecast-metrics.ts'
import { forecastReport } from './forecast-report.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { describeTarget } from './outcome-targets.ts'
import { headlineOf } from './outcome-tensors.ts'
import { outcomeOptions } from './read-outcomes.ts'
import { ridgeFits } from './ridge-fits.ts'
import { fitNetwork, tabularFeatures, tabularResult } from './tabular-result.ts'

const configSchema = z.strictObject(outcomeOptions)
export type ForecastConfig = z.infer<typeof configSchema>

/** Predicts how the counts of a published content grow, from how it began. */
export const forecastJob: TrainingJob<ForecastConfig> = {
  name: 'forecast',
  description: 'How views, likes, comments and shares of a published content go on in its first 28 days.',
  config: configSchema,
  run: trainForecast,
}

async function trainForecast(context: JobContext, config: ForecastConfig): Promise<TrainedModel> {
  const synthetic = await isSynthetic(context.source)
  const service = featureService('forecast')
  const data = await readForecastData(context, config, service)
  const { contents, split, headline, remark, names, table, soFar, growth, rows, age } = data
  const width = names.length
  const scales = scalesByAge(growth.search, rows.train, age, forecastAges.length)
  const searched = standardiseByAge(growth.search, age, scales)
  const prepared = prepareTable(table, rows.train, config.bins)
  const { fitStart, fitLinear } = ridgeFits(prepared, rows, searched, width)
  const kind = { name: 'forecast', kind: 'regression', treedOutputs: 1 } as const
  const model = await fitNetwork(context, config, kind, {
    prepared,
    rowCount: table.rowCount,
    outputs: width,
    train: { rows: rows.train, targets: searched },
    valid: rows.valid,
    past: { rows: rows.past, targets: standardiseByAge(growth.past, age, scales) },
    fitStart,
    fitLinear,
  })

  /** `[T][part]` */
  const grown = (standardised: (t: number, i: number) => number, part: Int32Array): Float64Array[] =>
    names.map((_, t) =>
      Float64Array.from(part, (row, i) => {
        const { mean, sd } = scales[age(row)]![t]!
        return Math.max(0, standardised(t, i) * sd + mean)
      }),
    )
  const predict = (which: 'judged' | 'final', part: Int32Array): Float64Array[] => {
    const output = model.predict(which, part)
    return grown((t, i) => output[i * width + t]!, part)
  }
  const judged = predict('judged', rows.valid)
  const offsets = offsetsByAge(judged, growth.search, rows.valid, age, names, 1 - config.intervalCoverage)
  const linear = model.predictLinear(rows.test)
  // As much as the final network and the ridge baseline have seen.
  const means = config.refit ? scalesByAge(growth.past, rows.past, age, forecastAges.length) : scales
  const test: ForecastTest = {
    names,
    rows: rows.test,
    age,
    soFar: soFar.map((values) => pick(values, rows.test)),
    actual: growth.all.map((values) => pick(values, rows.test)),
    model: predict('final', rows.test),
    ridge: grown((t, i) => linear[t]![i]!, rows.test),
    meanGrowth: names.map((_, t) => Float64Array.from(rows.test, (row) => means[age(row)]![t]!.mean)),
  }
  const metrics = forecastMetrics(test, offsets, config.intervalCoverage, context.seed)
  const content = { table, texts: undefined }
  const judgedRows = rows.test.filter((row) => age(row) === judgedAge && !Number.isNaN(growth.all[0]![row]!))
  const features = tabularFeatures(content, model, names.map(describeTarget), '')
  return {
    ...tabularResult({
      name: 'forecast',
      service,
      manifest: {
        backend: 'onnxruntime',
        synthetic,
        data: describeData(contents.publishedAt, split, remark),
        config: { ...config, headline },
      },
      content,
      model,
      features,
      head: {
        kind: 'growth',
        mean: Float32Array.from(scales.flat(), ({ mean }) => mean),
        scale: Float32Array.from(scales.flat(), ({ sd }) => sd),
        ageColumn: table.ageColumn,
        countColumns: names.map((name) => table.countColumn.get(partsOfOutcome(name).quantity)!),
        ages: forecastAges,
        lower: Float32Array.from(offsets.flat(), ({ lower }) => lower),
        upper: Float32Array.from(offsets.flat(), ({ upper }) => upper),
      },
      outputs: (part) => countsByGrowth(predict('final', part), soFar, part, age, offsets),
      goldenRows: rows.test,
      backgroundRows: rows.valid.filter((row) => age(row) === judgedAge),
      judgedRows,
      judge: (outputs, its) =>
        rmse(
          headlineOf(outputs, its, headline),
          Float64Array.from(judgedRows, (row) => soFar[0]![row]! + growth.all[0]![row]!),
        ),
    }),
    metrics,
    gate: judgeBaselines(metrics[0]),
    report: (scorer) =>
      forecastReport(
        {
          ...{ contents, split, remark, test, metrics, offsets, model, table, features },
          coverage: config.intervalCoverage,
          seed: context.seed,
        },
        scorer,
      ),
  }
}
