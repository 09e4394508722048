import { z } from 'zod'
import { hoursPerWeek } from '../../features/transforms/local-clock.ts'
import { readArtifactJson } from '../../models/artifact/read-artifact.ts'
import { postingTimeFiles, postingTimeSchema } from '../../models/payloads/posting-time.ts'
import type { Scorer } from '../../models/scorer.ts'
import { audienceActivity } from '../datasets/audience-activity.ts'
import { contentsWith, readContentOutcomes } from '../datasets/contents.ts'
import { creatorTimeZones } from '../datasets/creator-time-zones.ts'
import { crowding } from '../datasets/crowding.ts'
import { type HourTable, hoursOnClocks, hourTable } from '../datasets/hour-posts.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { describeKnown, hideUnknown, knownFrom, knownRows, requireKnown } from '../datasets/known-outcomes.ts'
import { describeData, splitByTime, timeSplitOptions } from '../datasets/time-split.ts'
import { choosePostingTime } from '../estimators/choose-posting-time.ts'
import { fitPostingTime, type HourTerm, withinR2 } from '../estimators/posting-time.ts'
import { postingTimeTables } from '../estimators/posting-time-tables.ts'
import { judgeBaselines } from '../evaluation/baseline-gate.ts'
import { makeGolden } from '../export/golden.ts'
import { OnnxGraph } from '../export/onnx-graph.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { jobRules, postingTimeMetrics } from './posting-time-metrics.ts'
import { postingTimeReport } from './posting-time-report.ts'
import { trackParts } from './tabular-progress.ts'
import { viralityOutcome } from './virality-labels.ts'

const configSchema = z.strictObject({
  ...timeSplitOptions,
  minContents: z.number().int().min(10).default(30).describe('fewest contents in each part of the split'),
  activity: z.boolean().default(true).describe('whether audience activity may be used where it helps'),
  crowding: z
    .boolean()
    .default(true)
    .describe('whether the posts of others in the same category may be used where they help'),
})

export type PostingTimeConfig = z.infer<typeof configSchema>

/** Engagement lift by hour of the week, drawn from creator to category to platform to everyone as far as the data asks for it. */
export const postingTimeJob: TrainingJob<PostingTimeConfig> = {
  name: 'posting-time',
  description: 'At which hours of the week a creator’s contents do better than the creator’s own mean.',
  config: configSchema,
  run: trainPostingTime,
}

async function trainPostingTime(context: JobContext, config: PostingTimeConfig): Promise<TrainedModel> {
  const { source, seed, signal, progress, log } = context
  const synthetic = await isSynthetic(source)
  const all = await readContentOutcomes(source)
  const outcome = viralityOutcome(all)
  const contents = contentsWith(all, outcome)
  const split = splitByTime(contents.publishedAt, config, config.minContents, `contents with known ${outcome}`)
  trackParts(context.tracker, split)
  const table = hourTable(contents, outcome, await creatorTimeZones(source))
  const rows = knownRows(split, [hideUnknown(table.outcome, knownFrom(contents, outcome), split)])
  requireKnown(outcome, split, rows, ['past'], config.minContents)
  const { past } = rows
  const remark = describeKnown(outcome, split, rows, ['past'])
  const terms = await termsOf(context, config, table, past, split.testFrom)
  progress.update('posting-time', 0, 2, 'choosing how much to smooth')
  const chosen = choosePostingTime(table, past, terms)
  log.info(
    { ...chosen.settings, terms: chosen.terms.map(({ name }) => name), validR2: chosen.validR2 },
    'posting-time settings',
  )
  context.tracker.metrics({ 'val/within_creator_r2': chosen.validR2 }, 0)
  signal.throwIfAborted()
  progress.update('posting-time', 1, 2, 'fitting')
  const fit = fitPostingTime(table, past, chosen.settings, chosen.terms)
  const metrics = postingTimeMetrics({ table, past, test: split.test, rules: jobRules, fit, seed })
  const tables = postingTimeTables(fit, table, past)
  progress.done('posting-time', `${table.creators.length} creators`)
  return {
    network: tablesOnnx(tables),
    golden: golden(tables),
    arrays: {},
    json: { [postingTimeFiles.creators]: { creators: tables.creators } },
    manifest: {
      backend: 'typed arrays',
      synthetic,
      data: describeData(contents.publishedAt, split, remark),
      config: { ...config, outcome },
      featureService: null,
      inputs: [{ name: 'creator', dtype: 'int32', shape: [-1] }],
      outputs: outputNames.map((name) => ({ name, dtype: 'float32', shape: [-1, hoursPerWeek] })),
    },
    metrics,
    gate: judgeBaselines(metrics[0]),
    report: async () =>
      postingTimeReport({ table, fit, tables, metrics, outcome, split, remark, validR2: chosen.validR2 }),
    evaluateOther: (dir, scorer) => evaluateOther(dir, scorer, table, split.test),
  }
}

/** What may help beside the posts themselves; whether it does, cross-validation says. */
async function termsOf(
  { source }: JobContext,
  config: PostingTimeConfig,
  table: HourTable,
  past: Int32Array,
  before: number,
): Promise<readonly HourTerm[]> {
  const span = { from: table.at[0]!, before }
  const activity = config.activity ? await audienceActivity(source, table.creators, span) : undefined
  const others = config.crowding ? crowding(table, past) : undefined
  return [
    ...(activity === undefined ? [] : [{ name: 'audience activity' as const, values: activity }]),
    ...(others?.some((value) => value !== 0) ? [{ name: 'crowding' as const, values: others }] : []),
  ]
}

const outputNames = ['lift', 'lower', 'upper'] as const

function tablesOnnx(tables: ReturnType<typeof postingTimeTables>): Uint8Array {
  const graph = new OnnxGraph('posting-time')
  const creator = graph.input('creator', 'int32', [-1])
  for (const name of outputNames) {
    const rows = graph.constant(`${name}_table`, tables[name], [tables.creators.length, hoursPerWeek])
    graph.output(name, graph.node('Gather', [rows, creator], { axis: 0 }), 'float32', [-1, hoursPerWeek])
  }
  return graph.build()
}

function golden(tables: ReturnType<typeof postingTimeTables>) {
  const last = tables.creators.length - 1
  const creators = Int32Array.from(new Set([0, Math.min(1, last), last >> 1, last]))
  const outputs = outputNames.map((name) => {
    const data = new Float32Array(creators.length * hoursPerWeek)
    creators.forEach((row, i) => {
      data.set(tables[name].subarray(row * hoursPerWeek, (row + 1) * hoursPerWeek), i * hoursPerWeek)
    })
    return [name, { shape: [creators.length, hoursPerWeek], data }] as const
  })
  return makeGolden({ creator: { shape: [creators.length], data: creators } }, Object.fromEntries(outputs))
}

/** Within-creator R² of another model's lifts on the same test posts; a creator it does not know gets everyone's. */
async function evaluateOther(dir: string, scorer: Scorer, table: HourTable, test: Int32Array): Promise<number> {
  const { creators } = await readArtifactJson(dir, postingTimeFiles.creators, postingTimeSchema)
  const index = new Map(creators.map(({ creatorId, platform }, i) => [JSON.stringify([creatorId, platform]), i]))
  const ids = table.creators.map(({ creatorId, platform }) => index.get(JSON.stringify([creatorId, platform])) ?? 0)
  const { lift } = await scorer.score({ creator: { shape: [ids.length], data: Int32Array.from(ids) } })
  // Its hours are on the clocks that it knew.
  const hours = hoursOnClocks(
    table.at,
    table.creator,
    ids.map((id) => creators[id]!),
  )
  const predicted = Float64Array.from(test, (row) =>
    Math.log(lift!.data[table.creator[row]! * hoursPerWeek + hours[row]!]!),
  )
  return withinR2(table, test, predicted)
}
