import { z } from 'zod'
import { featureService } from '../../features/definitions/index.ts'
import { contentMoments } from '../datasets/content-moments.ts'
import type { CreatorWeeks } from '../datasets/creator-weeks.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { type OutcomeName, partsOfOutcome } from '../datasets/outcome-names.ts'
import { storeTable } from '../datasets/store-table.ts'
import { describeData } from '../datasets/time-split.ts'
import { judgeBesideStart } from '../evaluation/baseline-gate.ts'
import { creatorReportWords, creatorSlicings } from './creator-report-words.ts'
import { fitOutcomes } from './fit-outcomes.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { outcomeReport } from './outcome-report.ts'
import { readRevenueOfWeeks } from './read-creator-weeks.ts'
import { outcomeOptions } from './read-outcomes.ts'

const { textDirections: _, minContents: __, ...options } = outcomeOptions

const configSchema = z.strictObject({
  ...options,
  days: z
    .union([z.literal(7), z.literal(14), z.literal(28)])
    .optional()
    .describe('days of the revenue that the gate judges; by default 28, or 14 or 7 where the data does not cover that'),
  weeks: z.number().int().min(4).max(520).default(104).describe('most Mondays, the last ones'),
  maxCreators: z
    .number()
    .int()
    .min(10)
    .max(1_000_000)
    .default(5000)
    .describe('most creators read; a random sample of more'),
  minWeeks: z.number().int().min(10).default(20).describe('fewest rows in each part of the split: creators at Mondays'),
})

export type CreatorRevenueConfig = z.infer<typeof configSchema>

/** Foretells what all contents of a creator will earn together. */
export const creatorRevenueJob: TrainingJob<CreatorRevenueConfig> = {
  name: 'creator-revenue',
  description:
    'What all contents of a creator will earn by advertising and sponsorship in the next 7, 14 and 28 days, from what they earned before.',
  config: configSchema,
  run: trainCreatorRevenue,
}

async function trainCreatorRevenue(context: JobContext, config: CreatorRevenueConfig): Promise<TrainedModel> {
  const synthetic = await isSynthetic(context.source)
  const data = await readRevenueOfWeeks(context, config)
  const { weeks, split, headline, names, rows, remark } = data
  const service = featureService('creator-revenue')
  const labels = { rowCount: weeks.rowCount, at: weeks.at, creator: weeks.creatorId }
  const table = await storeTable(labels, context.offline, service)
  const fitted = await fitOutcomes(context, config, {
    name: 'creator-revenue',
    service,
    manifest: { synthetic, data: describeData(weeks.at, split, remark), config: { ...config, headline } },
    ...{ names, describe, examples: 'creators’ weeks', split, rows, texts: undefined },
    ...{ values: data.values, search: data.search, final: data.final },
    at: contentMoments(table, { kind: 'none', reason: 'a creator is asked about at any time' }),
    since: 'log_revenue_28d',
    baselines: names.map((name) => persistence(weeks, partsOfOutcome(name).days)),
    groups: weeks.creator,
  })
  return {
    ...fitted.result,
    metrics: fitted.metrics,
    gate: judgeBesideStart(fitted.metrics[0], 'ridge'),
    report: (scorer) =>
      outcomeReport(
        {
          ...{ fitted, names, describe, table, rows: split.test },
          coverage: config.intervalCoverage,
          slicings: creatorSlicings(weeks, table, split),
          words: creatorReportWords({ ...data, model: fitted.model }),
          seed: context.seed,
        },
        scorer,
      ),
  }
}

/** That it goes on as it did: ln(1 + cents) of as many days at the mean of the days before. */
function persistence(weeks: CreatorWeeks, days: number): Readonly<Record<string, Float64Array>> {
  const goesOnAsIn = (last: number): Float64Array => weeks.meanBefore(last).map((mean) => Math.log1p(days * mean))
  return { 'last 7 days': goesOnAsIn(7), 'last 28 days': goesOnAsIn(28), 'last 90 days': goesOnAsIn(90) }
}

const describe = (name: OutcomeName) => ({
  name,
  unit: 'US cents',
  description: `advertising and sponsorship revenue of all contents in the next ${partsOfOutcome(name).days} days`,
})
