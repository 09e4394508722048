import { z } from 'zod'
import { featureService } from '../../features/definitions/index.ts'
import type { MetricRow } from '../../models/artifact/manifest.ts'
import { type Churn, churnFiles } from '../../models/payloads/churn.ts'
import { readAudienceDays } from '../datasets/audience-days.ts'
import { churnEvents, churnKinds, silentDays } from '../datasets/churn-events.ts'
import { churnHorizons, churnRows, coveredHorizon } from '../datasets/churn-rows.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { storeTable } from '../datasets/store-table.ts'
import { describeData } from '../datasets/time-split.ts'
import { besideColumns, columnOf } from '../estimators/standard-scale.ts'
import { logLoss } from '../evaluation/classification.ts'
import { eventProbability, lifeTable, weekEnds } from '../evaluation/discrete-hazard.ts'
import { pick } from '../evaluation/metric-row.ts'
import { recencyBaselines, silenceByBgNbd } from './churn-baselines.ts'
import { gateChurn, linearStart } from './churn-gate.ts'
import { churnReport } from './churn-report.ts'
import { hazardTargets, leftOutHorizons, lostWithin, requireLosses } from './churn-targets.ts'
import { type ClassifierTest, classifierMetrics } from './classifier-metrics.ts'
import { fitHazards } from './fit-hazards.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { textlessNetworkOptions } from './tabular-config.ts'
import { tabularFeatures, tabularResult } from './tabular-result.ts'

const configSchema = z.strictObject({
  ...textlessNetworkOptions,
  kind: z.enum(churnKinds).default('either').describe('what loses a person: silence, leaving, or either'),
  horizonDays: z
    .literal(churnHorizons)
    .optional()
    .describe('longest span foretold; by default the longest that the data covers three times'),
  moments: z
    .number()
    .int()
    .min(5)
    .max(200)
    .default(12)
    .describe('most moments, four per horizon, at which people are learned from'),
  maxPeople: z
    .number()
    .int()
    .min(100)
    .max(1_000_000)
    .default(10_000)
    .describe('most people read; a random sample of more'),
  minPeople: z.number().int().min(20).default(50).describe('fewest people at risk in each part of the split'),
})

export type ChurnConfig = z.infer<typeof configSchema>

/** Chance that a person of the audience is lost within 28 and 90 days, week by week. */
export const churnJob: TrainingJob<ChurnConfig> = {
  name: 'churn',
  description:
    'How likely a person who was seen in the last four weeks is lost, within 28 and 90 days and week by week.',
  config: configSchema,
  run: trainChurn,
}

const definitions: Readonly<Record<ChurnConfig['kind'], string>> = {
  either: `lost is who has not been seen for ${silentDays} whole days, or has ended the last subscription, whichever comes first`,
  silence: `lost is who has not been seen for ${silentDays} whole days`,
  leaving: 'lost is who has ended the last subscription',
}

async function trainChurn(context: JobContext, config: ChurnConfig): Promise<TrainedModel> {
  const synthetic = await isSynthetic(context.source)
  const audience = await readAudienceDays(context.source, config.maxPeople)
  const longest = config.horizonDays ?? coveredHorizon(audience)
  const leftOut = leftOutHorizons(longest, audience.endDay - audience.firstDay)
  for (const horizon of leftOut) context.log.info(horizon, 'horizon left out')
  const { rows, split } = churnRows(audience, churnEvents(audience, config.kind), longest, config)
  const targets = hazardTargets(rows, split, longest)
  requireLosses(targets, split)
  const { tracker } = context
  tracker.dataset('people-training', 'training', split.train.length, String(split.validFrom))
  tracker.dataset('people-validation', 'validation', split.valid.length, String(split.testFrom))
  tracker.dataset('people-test', 'test', split.test.length, String(split.testFrom))

  const service = featureService('churn')
  const at = Float64Array.from(rows.day, (its) => its * 86_400)
  const table = await storeTable({ rowCount: rows.rowCount, at, user: rows.userId }, context.offline, service)
  const { model, calibration, hazards, linearHazards } = await fitHazards(context, config, table, targets)
  const width = targets.ends.length
  const horizons = churnHorizons
    .filter((days) => days <= longest)
    .map((days) => ({ days, weeks: weekEnds(days).length }))
  const foretold = hazards(split.test)
  const linear = linearHazards(split.test)
  const testOf = async ({ days, weeks }: Churn['horizons'][number]): Promise<ClassifierTest> => {
    const lost = lostWithin(rows, split, days)
    return {
      moment: `within ${days} days`,
      actual: pick(lost.actual, split.test),
      model: eventProbability(foretold, width, weeks),
      baselines: {
        [linearStart]: eventProbability(linear, width, weeks),
        ...(await recencyBaselines(rows, split, lost)),
        ...(days === churnHorizons[0] &&
          config.kind !== 'leaving' && { 'BG/NBD': silenceByBgNbd(audience, rows, split) }),
      },
    }
  }
  const tests: [ClassifierTest, ...ClassifierTest[]] = [await testOf(horizons[0]!)]
  for (const horizon of horizons.slice(1)) tests.push(await testOf(horizon))
  const metrics = headlineFirst(classifierMetrics(tests, context.seed))
  const life = lifeTable(targets.final, width, targets.rows.past)
  const churn: Churn = {
    horizons,
    silentDays,
    baseHazards: life.map(({ events, atRisk }) => (atRisk === 0 ? 0 : events / atRisk)),
    leftOut: [...leftOut],
  }
  const content = { table, texts: undefined }
  const weeks = targets.ends.map((end, t) => ({
    name: `hazard_week_${t + 1}`,
    unit: 'probability',
    description: `lost by day ${end}, of those who were not before`,
  }))
  const features = tabularFeatures(content, model, weeks, definitions[config.kind])
  const result = tabularResult({
    name: 'churn',
    service,
    manifest: {
      backend: 'onnxruntime',
      synthetic,
      data: describeData(
        at,
        split,
        'a row is a person at a moment, and is learned from as far as it was known in time',
      ),
      config: { ...config, horizonDays: longest },
    },
    content,
    model,
    features,
    head: { kind: 'hazard', calibration, horizons: horizons.map((horizon) => horizon.weeks) },
    outputs: (part) => {
      const its = hazards(part)
      const columns = horizons.map((horizon) => eventProbability(its, width, horizon.weeks))
      return {
        hazard: { shape: [part.length, width], data: its },
        probability: { shape: [part.length, columns.length], data: besideColumns(columns) },
      }
    },
    goldenRows: split.test,
    backgroundRows: split.valid,
    judgedRows: split.test,
    // The shortest horizon is the first column of every model.
    judge: ({ probability }) =>
      logLoss(columnOf(probability!.data as Float32Array, probability!.shape[1]!, 0), tests[0].actual),
  })
  return {
    ...result,
    json: { ...result.json, [churnFiles.churn]: churn },
    metrics,
    gate: gateChurn(metrics),
    report: (scorer) =>
      churnReport(
        {
          ...{ rows, split, tests, metrics, table, targets, model, churn, features },
          hazards: foretold,
          definition: definitions[config.kind],
          seed: context.seed,
        },
        scorer,
      ),
  }
}

/** The log loss of the shortest horizon, then all the others as they were. */
function headlineFirst(rows: readonly [MetricRow, ...MetricRow[]]): [MetricRow, ...MetricRow[]] {
  const headline = rows.find(({ metric }) => metric.startsWith('log loss')) ?? rows[0]
  return [headline, ...rows.filter((row) => row !== headline)]
}
