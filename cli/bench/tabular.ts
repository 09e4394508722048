import { Command, Option } from 'commander'
import { benchmarkTabular, type TabularResult } from '../../training/benchmark/benchmark-tabular.ts'
import type { PredictionTask } from '../../training/datasets/prediction-table.ts'
import { parseSettings } from '../../training/jobs/job-config.ts'
import { tabularNetworkSchema } from '../../training/jobs/tabular-config.ts'
import { action, type CommandContext } from '../command.ts'
import { textTable } from '../text-table.ts'
import { estimateText } from './estimate-text.ts'
import { collect, integer, settingsOf } from './flags.ts'

interface TabularFlags {
  readonly train: string
  readonly valid: string
  readonly test: string
  readonly target: string
  readonly task: PredictionTask
  readonly group?: string
  readonly time?: string
  readonly leaveOut?: string
  readonly seed: string
  readonly set: readonly string[]
  readonly json: boolean
}

/** `contentflow bench tabular`: our tabular network on any table, so that anyone can compare it with their own model. */
export function tabularCommand(): Command {
  return new Command('tabular')
    .description('fit the tabular network on a table in three files, and judge it on the last')
    .requiredOption('--train <file>', 'CSV with a header, or Parquet; .gz as it is')
    .requiredOption('--valid <file>', 'chooses epochs and penalties; then learned from as well')
    .requiredOption('--test <file>', 'what is foretold')
    .requiredOption('--target <column>', 'what is to be foretold')
    .addOption(
      new Option('--task <kind>', 'a number, or 1 and 0').choices(['regression', 'binary']).makeOptionMandatory(),
    )
    .option('--group <column>', 'whom or what a row is of: whole groups are drawn for the intervals')
    .option('--time <column>', 'when a row was: no feature itself, but its hour and weekday are')
    .option('--leave-out <columns>', 'separated by commas: other targets, and what nobody knows beforehand')
    .option('--seed <number>', 'of what is random', '1')
    .option('--set <key=value>', 'an option of the model; may be repeated', collect, [])
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', examples)
    .action(action(run))
}

const examples = `
Examples:
  contentflow bench tabular --train train.csv --valid valid.csv --test test.csv --target views --task regression
  contentflow bench tabular --train a.parquet --valid b.parquet --test c.parquet --target left --task binary --group user_id --json`

async function run(context: CommandContext, flags: TabularFlags): Promise<void> {
  const { train, valid, test, target, task, group, time, leaveOut } = flags
  const result = await benchmarkTabular({
    files: { train, valid, test },
    columns: { target, task, group, time, leaveOut: leaveOut?.split(',').map((name) => name.trim()) ?? [] },
    config: parseSettings('the tabular network', tabularNetworkSchema, settingsOf(flags.set)),
    seed: integer('--seed', flags.seed),
    backend: context.config.tfjsBackend,
    log: context.log,
    progress: context.progress,
    signal: context.signal,
  })
  context.print(flags.json ? JSON.stringify({ task, target, ...result }) : textOf(result))
}

function textOf({ rows, features, leftOut, remarks, models, fitSeconds, cpuSeconds, peakMb }: TabularResult): string {
  const metrics = Object.keys(models[0]!.metrics)
  const table = textTable(
    ['model', ...metrics],
    models.map(({ model, metrics: its }) => [model, ...metrics.map((metric) => estimateText(its[metric]))]),
  )
  const left = leftOut.map(({ name, reason }) => `not read: ${name}, ${reason}`)
  return [
    `${features} features; ${rows.train} rows of training, ${rows.valid} of validation, ${rows.test} of test`,
    ...left,
    ...remarks,
    table,
    `fitted in ${fitSeconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU, ${peakMb} MB at most`,
  ].join('\n')
}
