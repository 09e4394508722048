import { Command } from 'commander'
import { AppError } from '../errors.ts'
import type { RetrainResult } from '../pipelines/retrain.ts'
import { action, type CommandContext } from './command.ts'
import { gitRevision } from './git-revision.ts'
import { parseWholeNumber } from './model-argument.ts'
import { outcomeJson, outcomeLine } from './outcome-line.ts'

interface RetrainFlags {
  readonly once?: boolean
  readonly schedule?: string
  readonly seed: string
  readonly json?: boolean
}

/** `contentflow retrain`: everything from posted events to fresh champions, once or on a schedule. */
export function retrainCommand(): Command {
  return new Command('retrain')
    .description('Posted events into the warehouse, features, all models, online store: once, or on a schedule')
    .option('--once', 'one retraining, then exit')
    .option('--schedule <cron>', 'at these times, in UTC, until SIGINT or SIGTERM')
    .option('--seed <number>', 'the same seed and data give the same weights', '1')
    .option('--json', 'the result of each retraining as one line of JSON on stdout')
    .addHelpText(
      'after',
      `
Examples:
  contentflow retrain --once
  contentflow retrain --schedule "0 3 * * *"       daily at 03:00 UTC
  contentflow retrain --schedule "*/30 * * * *"    every half hour; one that takes longer makes the next be skipped

A running service picks up what this publishes: it need not be stopped. Two retrainings on one DATA_DIR do not run at once
(exit code 1). A signal stops at the last good state.`,
    )
    .action(action(runRetrain))
}

async function runRetrain(context: CommandContext, flags: RetrainFlags): Promise<void> {
  if ((flags.once === true) === (flags.schedule !== undefined)) {
    throw new AppError(
      'INPUT_INVALID',
      'Expected either --once or --schedule "<cron>"; see contentflow retrain --help.',
    )
  }
  const seed = parseWholeNumber('--seed', flags.seed, 0)
  const { requireAllTrained, retrain } = await import('../pipelines/retrain.ts')
  const { openScorer } = await import('../serving/runtime/open-scorer.ts')
  const { config, log, progress, signal, print } = context
  const onOutcome =
    flags.json === true ? undefined : (outcome: Parameters<typeof outcomeLine>[0]) => print(outcomeLine(outcome))
  const shared = { config, log, progress, signal, openScorer, seed, git: gitRevision() }
  const run = async (): Promise<void> => {
    const result = await retrain({ ...shared, ...(onOutcome === undefined ? {} : { onOutcome }) })
    // Told also when a model failed: the rest is done.
    print(flags.json === true ? JSON.stringify(asJson(result)) : describe(result))
    requireAllTrained(result)
  }
  if (flags.schedule === undefined) return run()
  const { runOnSchedule } = await import('../pipelines/schedule.ts')
  await runOnSchedule({ pattern: flags.schedule, run, log, signal })
}

const describe = ({ newEvents, snapshotsBuilt, onlineVersion, seconds }: RetrainResult): string =>
  `Retrained in ${seconds.toFixed(0)} s: ${newEvents} new events, ${snapshotsBuilt} snapshots built, online store at ${onlineVersion}.`

/** An error as JSON has no code and message of its own accord. */
const asJson = (result: RetrainResult): object => ({ ...result, outcomes: result.outcomes.map(outcomeJson) })
