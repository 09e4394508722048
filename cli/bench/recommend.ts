import { Command } from 'commander'
import { AppError, type ErrorCode, errorMeanings } from '../../errors.ts'
import {
  type BenchmarkData,
  type BenchmarkResult,
  benchmarkRecommender,
} from '../../training/benchmark/benchmark-recommender.ts'
import { parseMetric } from '../../training/benchmark/metric-name.ts'
import { parseSuiteName, suiteNames } from '../../training/datasets/open-suite.ts'
import { familyNames, loadFamily } from '../../training/families/all-families.ts'
import { parseSettings } from '../../training/jobs/job-config.ts'
import { action, type CommandContext } from '../command.ts'
import { benchmarkDataDir } from './data-dir.ts'
import { benchmarkEach, type FailedBenchmark } from './each-in-its-process.ts'
import { collect, integer, settingsOf } from './flags.ts'
import { requireWritable } from './markdown-section.ts'
import { benchmarkText, writeMarkdown } from './recommend-text.ts'

interface RecommendFlags {
  readonly train?: string
  readonly valid?: string
  readonly test?: string
  readonly items?: string
  readonly suite?: string
  readonly data?: string
  readonly model?: string
  readonly all: boolean
  readonly validation: boolean
  readonly metrics?: string
  readonly trials: string
  readonly seed: string
  readonly set: readonly string[]
  readonly json: boolean
  readonly write?: string
}

const givenMetrics = 'recall@20,ndcg@20'
/** One held-out item each, or many: splits by time and by people hold out all that came after the cut. */
const suiteMetrics = (suite: string): string =>
  suite === 'ml100k' || suite === 'ml1m' ? 'hr@10,ndcg@10,hr@10:99,ndcg@10:99' : 'recall@20,ndcg@20,auc'

/** `contentflow bench recommend`: our recommenders on published splits, so that anyone can compare us with a published table. */
export function recommendCommand(): Command {
  return new Command('recommend')
    .description(
      'fit recommenders on a published split, and rank for each user all items that they had not in training',
    )
    .option(
      '--train <file>',
      'lines of `user item item…`, or a table user,item[,time] by commas or tabs; a header names the columns in any order',
    )
    .option('--valid <file>', 'chooses epochs and the like; then learned from as well')
    .option('--test <file>', 'held-out items, in the same form')
    .option(
      '--items <file>',
      'item,text… with a header, the id first: what content models read; all its items are ranked',
    )
    .option('--suite <name>', `a public data set with its protocol, instead of files: ${suiteNames.join(', ')}`)
    .option('--data <folder>', 'where the data sets of --suite lie')
    .option('--model <names>', `one or several, separated by commas: ${familyNames.join(', ')}`)
    .option('--all', 'every model, each in a process of its own', false)
    .option(
      '--validation',
      'leave the test part alone, and judge on the part before it (--valid, or each user’s last item): for choosing settings',
      false,
    )
    .option(
      '--metrics <list>',
      'ndcg@k, recall@k, hr@k, precision@k, mrr@k, map@k, auc; with :99 behind it among 99 negatives',
    )
    .option(
      '--trials <number>',
      'settings to try on the validation part (without --valid: each user’s last item) before the final fit; 0, or from 2',
      '0',
    )
    .option('--seed <number>', 'of what is random', '1')
    .option('--set <key=value>', 'an option of the models, or model.key=value of one; may be repeated', collect, [])
    .option('--json', 'one JSON object on stdout', false)
    .option('--write <file>', 'put the rows into the table of this suite in a Markdown file, each as it is done')
    .addHelpText('after', examples)
    .action(action(run))
}

const examples = `
Examples:
  contentflow bench recommend --train train.txt --test test.txt --model spectral
  contentflow bench recommend --train train.csv --valid valid.csv --test test.csv --model neu-mf --metrics ndcg@10,hr@10
  contentflow bench recommend --train train.txt --test test.txt --model item-knn --set k=50 --json
  contentflow bench recommend --suite ml100k --all
  contentflow bench recommend --suite ml1m --all --write docs/quality.md`

async function run(context: CommandContext, flags: RecommendFlags): Promise<void> {
  refuseOddRows(flags)
  const models = modelsOf(flags)
  if (flags.write !== undefined) await requireWritable(flags.write)
  const data = dataOf(flags)
  const metrics = (flags.metrics ?? (data.kind === 'suite' ? suiteMetrics(data.suite) : givenMetrics))
    .split(',')
    .map((metric) => metric.trim())
  const settings = settingsOf(flags.set)
  await checkBeforehand(models, metrics, settings)
  if (models.length > 1 || flags.write !== undefined) {
    const rows = await benchmarkEach(models, context, async (soFar) => {
      if (flags.write !== undefined) await writeMarkdown(flags.write, flags.suite!, soFar)
    })
    if (flags.json) context.print(JSON.stringify({ models: rows }))
    else if (rows.length > 0) context.print(benchmarkText(rows))
    if (context.signal.aborted) {
      throw new AppError(
        'CANCELLED',
        `Stopped after ${rows.length} of ${models.length} models; their figures are above.`,
      )
    }
    refuseFailed(rows)
    return
  }
  const result = await benchmarkRecommender({
    data,
    part: flags.validation ? 'validation' : 'test',
    model: models[0]!,
    metrics,
    trials: trialsOf(flags.trials),
    seed: integer('--seed', flags.seed),
    settings: settingsFor(models[0]!, models, settings),
    backend: context.config.tfjsBackend,
    log: context.log,
    progress: context.progress,
    signal: context.signal,
  })
  if (flags.json) context.print(JSON.stringify({ ...result, models: [result] }))
  else context.print(benchmarkText([result]))
}

/** What is wrong for every model is said once, before the first fit. */
async function checkBeforehand(
  models: readonly string[],
  metrics: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  for (const metric of metrics) parseMetric(metric)
  for (const model of models) {
    parseSettings(model, (await loadFamily(model)).config, settingsFor(model, models, settings))
  }
}

/** What is set for a model: for all of them, or with its name and a dot before the key for it alone. */
function settingsFor(
  model: string,
  models: readonly string[],
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  const own = Object.entries(settings).flatMap(([key, value]): [string, string][] => {
    const owner = models.find((name) => key.startsWith(`${name}.`))
    if (owner === undefined) return [[key, value]]
    return owner === model ? [[key.slice(model.length + 1), value]] : []
  })
  return Object.fromEntries(own)
}

function refuseFailed(rows: readonly (BenchmarkResult | FailedBenchmark)[]): void {
  const failed = rows.flatMap((row) => ('error' in row && !row.leftOut ? [row] : []))
  if (failed.length === 0) return
  const codes = new Set(failed.map(({ error }) => error.split(': ')[0]!))
  const [only] = codes.size === 1 ? [...codes] : []
  const code = only !== undefined && Object.hasOwn(errorMeanings, only) ? (only as ErrorCode) : 'INTERNAL'
  const what = failed.map(({ model, error }) => `${model}: ${error}`).join('; ')
  throw new AppError(code, `${failed.length} of ${rows.length} models have no figures: ${what}`)
}

function dataOf({ suite, data, train, valid, test, items }: RecommendFlags): BenchmarkData {
  if (suite !== undefined) {
    const given = Object.entries({ train, valid, test, items }).filter(([, file]) => file !== undefined)
    if (given.length === 0) return { kind: 'suite', suite: parseSuiteName(suite), dataDir: benchmarkDataDir(data) }
    throw new AppError(
      'CONFIG_INVALID',
      `--suite brings its own split; leave out ${given.map(([name]) => `--${name}`).join(', ')}.`,
    )
  }
  if (train !== undefined && test !== undefined) return { kind: 'given', train, valid, test, items }
  throw new AppError('CONFIG_INVALID', 'Give --train and --test, or --suite with the name of a public data set.')
}

function modelsOf({ all, model }: RecommendFlags): readonly string[] {
  if (all && model !== undefined) throw new AppError('CONFIG_INVALID', 'Give --all or --model, not both.')
  if (!all && model === undefined) {
    throw new AppError('CONFIG_INVALID', `Give --all, or --model with one or more of ${familyNames.join(', ')}.`)
  }
  const models = all ? familyNames : [...new Set(model!.split(',').map((name) => name.trim()))]
  const unknown = models.filter((name) => !familyNames.some((known) => known === name))
  if (unknown.length > 0) {
    throw new AppError('CONFIG_INVALID', `--model is ${unknown.join(', ')}; expected one of ${familyNames.join(', ')}.`)
  }
  return models
}

/** Rows of a table are alike: the family's defaults, on the test part, by the suite's own metrics. */
function refuseOddRows({ write, suite, validation, set, metrics, trials, seed }: RecommendFlags): void {
  if (write === undefined) return
  const odd = Object.entries({
    '--validation': validation,
    '--set': set.length > 0,
    '--metrics': metrics !== undefined,
    '--trials': trials !== '0',
    '--seed': seed !== '1',
  }).flatMap(([flag, given]) => (given ? [flag] : []))
  if (suite !== undefined && odd.length === 0) return
  throw new AppError(
    'CONFIG_INVALID',
    `--write keeps a suite's table of what the defaults reach: use it with --suite${odd.length === 0 ? '' : `, without ${odd.join(', ')}`}.`,
  )
}

function trialsOf(text: string): number {
  const trials = integer('--trials', text)
  if (trials === 0 || (trials >= 2 && trials <= 1000)) return trials
  throw new AppError('CONFIG_INVALID', `--trials is ${text}; expected 0, or from 2 to 1000.`)
}
