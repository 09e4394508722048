import { relative } from 'node:path'
import { Command } from 'commander'
import { AppError } from '../errors.ts'
import { familyNames } from '../training/families/all-families.ts'
import { trainableModels } from '../training/jobs/all-jobs.ts'
import { settingsOfFamily } from '../training/jobs/recommender-config.ts'
import type { TrainOutcome } from '../training/jobs/train-models.ts'
import { action, type CommandContext } from './command.ts'
import { gitRevision } from './git-revision.ts'
import { metricsText } from './metrics-text.ts'
import { parseModelName, parseWholeNumber } from './model-argument.ts'
import { outcomeJson } from './outcome-line.ts'

interface TrainOptions {
  readonly seed: string
  readonly set: readonly string[]
  readonly resume: boolean
  readonly factors?: string
  readonly json: boolean
}

const examples = `
Examples:
  contentflow train recommender                      fit every family of recommenders, judge and register the best
  contentflow train neu-mf                           the same with one family only: ${familyNames.slice(1, 4).join(', ')}…
  contentflow train all --seed 7                     all models, one after the other
  contentflow train neu-mf --set epochs=5            one option; --set may be repeated
  contentflow train recommender --resume             go on with the last unfinished run of this configuration and seed
  contentflow train recommender --factors DIR        judge and register factors that Spark fitted (pipelines/spark/README.md)
  contentflow train engagement --json | jq .promoted

A model becomes champion only when it beats its baselines and the current champion on the same held-out data. If it does not,
it stays challenger, the reason is printed and recorded, and the exit code is 0: training itself went well.
Features that a model needs and that were never built are built first; contentflow features build brings them up to date.`

/** `contentflow train <model|all>` */
export function trainCommand(): Command {
  const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value]
  return new Command('train')
    .description('train models, judge them against baselines and champion, and register them')
    .argument('<model>', `${trainableModels.join(', ')}, all, or one family of recommenders`)
    .option('--seed <number>', 'the same seed and data give the same weights', '1')
    .option('--set <key=value>', 'an option of the model; may be repeated', collect, [])
    .option('--resume', 'go on with the last unfinished run of the same configuration and seed', false)
    .option('--factors <folder>', 'of recommender: factors fitted elsewhere, instead of a fit')
    .option('--json', 'one JSON object per model on stdout', false)
    .addHelpText('after', examples)
    .action(action((context, model: string, options: TrainOptions) => train(context, model, options)))
}

async function train(context: CommandContext, model: string, options: TrainOptions): Promise<void> {
  const family = familyNames.find((name) => name === model)
  const models = model === 'all' ? trainableModels : [family === undefined ? parseModelName(model) : 'recommender']
  if (options.factors !== undefined && model !== 'recommender') {
    throw new AppError(
      'INPUT_INVALID',
      `--factors are of the recommender; expected \`train recommender\`, got ${model}.`,
    )
  }
  const factors = options.factors === undefined ? {} : { factors: JSON.stringify(options.factors) }
  const given = { ...parseSettings(options.set), ...factors }
  const settings = family === undefined ? given : settingsOfFamily(family, given)
  if (models.length > 1 && options.set.length > 0) {
    throw new AppError('INPUT_INVALID', '--set sets options of one model; expected a model name, got all.')
  }
  const { config, log, progress, signal, print } = context
  const seed = parseWholeNumber('--seed', options.seed, 0)
  // Loaded here: other commands need not wait for TF.js and onnxruntime.
  const { trainModels } = await import('../training/jobs/train-models.ts')
  const { openScorer } = await import('../serving/runtime/open-scorer.ts')
  const { resume } = options
  const errors: AppError[] = []
  const outcomes = trainModels({
    config,
    models,
    settings,
    seed,
    resume,
    openScorer,
    progress,
    log,
    signal,
    ...gitRevision(),
  })
  for await (const outcome of outcomes) {
    print(options.json ? JSON.stringify(outcomeJson(outcome)) : asText(outcome))
    if ('error' in outcome) errors.push(outcome.error)
  }
  const [first, ...others] = errors
  if (first !== undefined && models.length === 1) throw first
  if (first !== undefined) {
    throw new AppError(
      first.code,
      `${others.length + 1} of ${models.length} models failed; the first: ${first.message}`,
      {
        cause: first,
      },
    )
  }
}

function parseSettings(entries: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const entry of entries) {
    const at = entry.indexOf('=')
    if (at < 1) throw new AppError('INPUT_INVALID', `--set is ${JSON.stringify(entry)}; expected key=value.`)
    settings[entry.slice(0, at)] = entry.slice(at + 1)
  }
  return settings
}

function asText(outcome: TrainOutcome): string {
  const title = `\n${outcome.model}  (${outcome.seconds.toFixed(1)} s)`
  if ('error' in outcome) return `${title}\nfailed: ${outcome.error.code}: ${outcome.error.message}`
  const { version, promoted, reason, metrics, synthetic, reportPath } = outcome.result
  return [
    title,
    metricsText(metrics),
    `version ${version}: ${promoted ? 'promoted to champion' : 'refused, stays challenger'}. ${reason}`,
    ...(synthetic ? ['Trained on synthetic data: these figures say nothing about quality.'] : []),
    `report: ${relative('', reportPath)}`,
  ].join('\n')
}
