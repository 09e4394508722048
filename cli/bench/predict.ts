import { Command, Option } from 'commander'
import { AppError } from '../../errors.ts'
import type { Estimate } from '../../models/artifact/manifest.ts'
import { benchmarkPostingTime } from '../../training/benchmark/benchmark-posting-time.ts'
import { benchmarkPredictions, type PredictionResult } from '../../training/benchmark/benchmark-predictions.ts'
import {
  postingTimeTask,
  publicTasks,
  publicTasksNamed,
} from '../../training/datasets/prediction-tasks/prediction-tasks.ts'
import { parseSettings } from '../../training/jobs/job-config.ts'
import { tabularNetworkSchema } from '../../training/jobs/tabular-config.ts'
import { action, type CommandContext } from '../command.ts'
import { textTable } from '../text-table.ts'
import { benchmarkDataDir } from './data-dir.ts'
import { estimateText, figureText } from './estimate-text.ts'
import { collect, integer, settingsOf } from './flags.ts'
import { requireWritable, writeSection } from './markdown-section.ts'

interface PredictFlags {
  readonly suite: string
  readonly task?: string
  readonly data?: string
  readonly validation: boolean
  readonly seed: string
  readonly set: readonly string[]
  readonly json: boolean
  readonly write?: string
}

/** `contentflow bench predict`: our predictions on public data, beside what others reached on the same parts. */
export function predictCommand(): Command {
  return new Command('predict')
    .description('fit the tabular network on public data, beside linear models and published references')
    .addOption(new Option('--suite <name>', 'the tasks').choices(['shared']).makeOptionMandatory())
    .option('--task <names>', `some of them, separated by commas: ${publicTasks.map(({ name }) => name).join(', ')}`)
    .option('--data <folder>', 'where the data sets lie')
    .option('--validation', 'leave the test part alone, and judge on the part before it: for choosing settings', false)
    .option('--seed <number>', 'of what is random', '1')
    .option('--set <key=value>', 'an option of the model; may be repeated', collect, [])
    .option('--json', 'one JSON object on stdout', false)
    .option('--write <file>', 'put the rows into the table of predictions in a Markdown file, each as it is done')
    .addHelpText('after', examples)
    .action(action(run))
}

const examples = `
Examples:
  contentflow bench predict --suite shared
  contentflow bench predict --suite shared --task news-popular,cdnow-inactive --json
  contentflow bench predict --suite shared --write docs/quality.md`

async function run(context: CommandContext, flags: PredictFlags): Promise<void> {
  const { write, validation, set, seed } = flags
  if (write !== undefined && (validation || set.length > 0 || seed !== '1')) {
    throw new AppError(
      'CONFIG_INVALID',
      '--write keeps what the defaults reach: leave out --validation, --set and --seed.',
    )
  }
  const tasks = publicTasksNamed(flags.task)
  if (write !== undefined) await requireWritable(write)
  const config = parseSettings('the tabular network', tabularNetworkSchema, settingsOf(set))
  const request = {
    config,
    dataDir: benchmarkDataDir(flags.data),
    beforeTest: validation,
    seed: integer('--seed', seed),
    backend: context.config.tfjsBackend,
    log: context.log,
    progress: context.progress,
    signal: context.signal,
  }
  const results: PredictionResult[] = []
  for (const [i, task] of tasks.entries()) {
    context.progress.update('bench', i, tasks.length, task.name)
    const benchmark = task === postingTimeTask ? benchmarkPostingTime : benchmarkPredictions
    results.push(await benchmark({ ...request, task }))
    if (write !== undefined) await writeTable(write, results)
  }
  context.progress.done('bench', `${tasks.length} tasks`)
  context.print(flags.json ? JSON.stringify({ tasks: results }) : textTable(header, results.flatMap(rowsOf)))
}

const header = ['task', 'metric', 'ours', 'linear', 'constant', 'reference', 'goal', 'met', 'fit s']

/** One row for each goal: ours, the linear model's and the constant's figure on the same rows, and what was aimed at. */
const rowsOf = ({ task, models, goals, fitSeconds }: PredictionResult): string[][] =>
  goals.map(({ metric, reference, referenceModel, goal, rule, met }) => [
    task,
    metric,
    ...models.map(({ metrics }, i) => (i === 0 ? estimateText(metrics[metric]) : valueText(metrics[metric]))),
    `${referenceModel} ${String(reference).replace(/^(-?)0\./, '$1.')}`,
    [rule, String(goal).replace(/^0\./, '.')].filter(Boolean).join(' '),
    met ? 'yes' : 'no',
    fitSeconds.toFixed(1),
  ])

const valueText = (estimate: Estimate | undefined): string =>
  estimate === undefined ? '–' : figureText(estimate.value)

function writeTable(file: string, results: readonly PredictionResult[]): Promise<void> {
  return writeSection(file, {
    name: 'predictions',
    intro: '`contentflow bench predict --suite shared`',
    header,
    rows: results.flatMap(rowsOf),
    order: publicTasks.map(({ name }) => name),
  })
}
