import { Command, Option } from 'commander'
import { AppError } from '../errors.ts'
import { withPipelineLock } from '../pipelines/pipeline-lock.ts'
import { generateSample, type SampleResult } from '../pipelines/sample/generate-sample.ts'
import { defaultDays, type SampleSize, sampleSizes, sampleWorld } from '../pipelines/sample/world.ts'
import { action, type CommandContext } from './command.ts'
import { parseWholeNumber } from './model-argument.ts'

interface SampleFlags {
  readonly size: SampleSize
  readonly seed: string
  readonly days: string
  readonly json?: boolean
}

/** `contentflow sample`: fills the embedded warehouse with a made-up world. */
export function sampleCommand(): Command {
  return new Command('sample')
    .description('Fill the embedded warehouse with a made-up world: the same size, seed and days give the same rows.')
    .addOption(new Option('--size <size>', 'how many people and events').choices(sampleSizes).default('small'))
    .option('--seed <n>', 'which world, 0 to 4294967295', '1')
    .option('--days <n>', 'length of its history, 14 to 365', String(defaultDays))
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Sizes (90 days):
  small    2,000 people    1,500 contents    about 150 thousand events
  medium  16,000 people    8,000 contents    about 1.8 million events
  large   76,000 people   40,000 contents    about 10 million events

Examples:
  contentflow sample                          the small world, in seconds
  contentflow sample --size large --seed 7    a large one; another seed is another world
  DATA_DIR=/tmp/play contentflow sample       in a folder of its own

The data is synthetic, and everything made from it says so. What is planted in it: docs/sample-world.md`,
    )
    .action(action(runSample))
}

async function runSample(context: CommandContext, flags: SampleFlags): Promise<void> {
  const { config, log, progress, signal, print } = context
  if (config.warehouse.kind !== 'duckdb') {
    throw new AppError(
      'CONFIG_INVALID',
      'WAREHOUSE_URL points to a server; expected it to be unset, because the sample goes into the embedded warehouse in DATA_DIR. Unset it and run this again.',
    )
  }
  const { path, schema } = config.warehouse
  const world = sampleWorld(
    flags.size,
    parseWholeNumber('--seed', flags.seed, 0, 2 ** 32 - 1),
    parseWholeNumber('--days', flags.days, 14, 365),
  )
  const options = { path, schema, duckdb: config.duckdb, progress, signal }
  const result = await withPipelineLock(config.dataDir, 'sample', log, () => generateSample(world, options))
  print(flags.json ? JSON.stringify({ path, ...world, ...result }) : describe(result, path))
}

function describe({ created, rows }: SampleResult, path: string): string {
  const lines = Object.entries(rows).map(
    ([mart, count]) => `  ${mart.padEnd(22)}${count.toLocaleString('en').padStart(12)}`,
  )
  const verb = created ? 'Sample world written to' : 'Already there, nothing changed:'
  return [`${verb} ${path} (synthetic data)`, ...lines].join('\n')
}
