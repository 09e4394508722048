import { Command } from 'commander'
import { featureView, featureViews } from '../features/definitions/index.ts'
import { openMartSource } from '../features/sources/open-mart-source.ts'
import { buildFeatures } from '../features/store/build-features.ts'
import { action } from './command.ts'

interface BuildFlags {
  readonly from?: string
  readonly to?: string
  readonly view?: readonly string[]
  readonly full?: boolean
  readonly json?: boolean
}

/** `contentflow features …`: the feature store. */
export function featuresCommand(): Command {
  const features = new Command('features').description('build, publish and look at features')
  features.addCommand(buildCommand())
  return features
}

function buildCommand(): Command {
  return new Command('build')
    .description('compute what is missing of the daily feature snapshots (Parquet), for training')
    .option('--from <day>', 'first snapshot day, YYYY-MM-DD; default: the day after the first facts')
    .option('--to <day>', 'last snapshot day, YYYY-MM-DD; default: the day after the last facts')
    .option('--view <name...>', `only these views: ${featureViews.map((view) => view.name).join(', ')}`)
    .option('--full', 'rebuild also what is up to date')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  contentflow features build                            what is missing or out of date
  contentflow features build --view creator_performance
  contentflow features build --from 2026-10-01 --full   these days again, e.g. after a correction in the warehouse`,
    )
    .action(
      action(async ({ config, log, progress, signal, print }, flags: BuildFlags) => {
        const views = flags.view?.map(featureView)
        const source = await openMartSource(config)
        try {
          const results = await buildFeatures({
            source,
            dir: config.featuresDir,
            from: flags.from,
            to: flags.to,
            ...(views === undefined ? {} : { views }),
            full: flags.full ?? false,
            ...config.duckdb,
            progress,
            signal,
            log,
          })
          if (flags.json === true) print(JSON.stringify(results))
          for (const { view, built, kept, rows } of flags.json === true ? [] : results) {
            print(`${view}: ${built.length} days built, ${kept} up to date, ${rows} rows in all`)
          }
        } finally {
          await source.close()
        }
      }),
    )
}
