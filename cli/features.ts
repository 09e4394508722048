import { Argument, Command } from 'commander'
import type { EntityName } from '../features/definitions/feature-view.ts'
import { featureView, featureViews } from '../features/definitions/index.ts'
import { openMartSource } from '../features/sources/open-mart-source.ts'
import { buildFeatures } from '../features/store/build-features.ts'
import { describeFeatures } from '../features/store/describe-features.ts'
import { entityFeatures } from '../features/store/entity-features.ts'
import type { MaterialiseResult } from '../features/store/materialise.ts'
import { openOnlineStore } from '../features/store/open-online-store.ts'
import { publishStep } from '../pipelines/feature-steps.ts'
import { withPipelineLock } from '../pipelines/pipeline-lock.ts'
import { action, type CommandContext } from './command.ts'
import { entityText, viewText } from './features-text.ts'

interface JsonFlag {
  readonly json?: boolean
}

interface BuildFlags extends JsonFlag {
  readonly from?: string
  readonly to?: string
  readonly view?: readonly string[]
  readonly full?: boolean
}

/** `contentflow features …`: the feature store. */
export function featuresCommand(): Command {
  return new Command('features')
    .description('Build, publish and look at features.')
    .addCommand(buildCommand())
    .addCommand(materialiseCommand())
    .addCommand(describeCommand())
    .addCommand(getCommand())
}

function buildCommand(): Command {
  return new Command('build')
    .description('Bring the daily feature snapshots (Parquet) up to date, for training.')
    .option('--from <day>', 'first snapshot day, YYYY-MM-DD; default: up to three years before the last')
    .option('--to <day>', 'last snapshot day, YYYY-MM-DD; default: the day after the last facts')
    .option('--view <name...>', `only these views: ${featureViews.map((view) => view.name).join(', ')}`)
    .option('--full', 'rebuild also what is up to date')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Builds what is missing, what a change in the warehouse touches, and views whose definition changed.

Examples:
  contentflow features build
  contentflow features build --view creator_performance
  contentflow features build --from 2026-10-01 --full    these days once more`,
    )
    .action(
      action((context, flags: BuildFlags) =>
        withPipelineLock(context.config.dataDir, 'features build', context.log, () => runBuild(context, flags)),
      ),
    )
}

async function runBuild(context: CommandContext, flags: BuildFlags): Promise<void> {
  const { config, log, progress, signal, print } = context
  const views = flags.view?.map(featureView) ?? featureViews
  const source = await openMartSource(config)
  try {
    const { from, to, full = false } = flags
    const dir = config.featuresDir
    const results = await buildFeatures({ source, dir, from, to, views, full, ...config.duckdb, progress, signal, log })
    if (flags.json) print(JSON.stringify(results))
    else {
      for (const { view, built, kept, rows } of results) {
        print(`${view}: ${built.length} days built, ${kept} up to date, ${rows.toLocaleString('en')} rows in all`)
      }
    }
  } finally {
    await source.close()
  }
}

function materialiseCommand(): Command {
  return new Command('materialise')
    .alias('materialize')
    .description('Publish the latest snapshots, the catalogue and the histories to the online store, for serving.')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
The service sees the new version at once and whole; a run that is stopped changes nothing.

Examples:
  contentflow features materialise                                     into LMDB in DATA_DIR
  REDIS_URL=redis://localhost:6379 contentflow features materialise    into Redis`,
    )
    .action(
      action(({ config, print, ...rest }, flags: JsonFlag) =>
        withPipelineLock(config.dataDir, 'features materialise', rest.log, async () => {
          const result = await publishStep({ config, ...rest })
          print(flags.json ? JSON.stringify(result) : publishedText(result))
        }),
      ),
    )
}

function publishedText({ version, rows, contents, creators, histories }: MaterialiseResult): string {
  const views = Object.entries(rows).map(([view, count]) => `${count.toLocaleString('en')} rows of ${view}`)
  return `Version ${version}: ${views.join(', ')}; ${contents} contents, ${creators} creators, ${histories} histories.`
}

function describeCommand(): Command {
  return new Command('describe')
    .description('Say what the features are, and what their latest values look like.')
    .argument('[view]', `one of ${featureViews.map((view) => view.name).join(', ')}; all by default`)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  contentflow features describe
  contentflow features describe creator_performance
  contentflow features describe user_activity --json | jq '.[0].snapshots'`,
    )
    .action(
      action(async ({ config, print }, name: string | undefined, flags: JsonFlag) => {
        const views = name === undefined ? featureViews : [featureView(name)]
        const described = await describeFeatures(config.featuresDir, views)
        print(flags.json ? JSON.stringify(described) : described.map(viewText).join('\n\n'))
      }),
    )
}

function getCommand(): Command {
  return new Command('get')
    .description('Show the online features of one entity, as a model gets them now.')
    .addArgument(new Argument('<entity>', 'what it is').choices(['user', 'content', 'creator']))
    .argument('<id>', 'its id')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  contentflow features get user user-1
  contentflow features get creator creator-1 --json`,
    )
    .action(
      action(async ({ config, log, print }, entity: EntityName, id: string, flags: JsonFlag) => {
        const store = await openOnlineStore(config, log)
        try {
          const version = await store.version()
          const views = await entityFeatures(store, entity, id, Date.now() / 1000)
          print(
            flags.json ? JSON.stringify({ entity, id, version: version ?? null, views }) : entityText(version, views),
          )
        } finally {
          await store.close()
        }
      }),
    )
}
