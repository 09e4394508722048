import { Command } from 'commander'
import { AppError } from '../errors.ts'
import type { ModelRegistry, ModelVersion } from '../models/registry/model-registry.ts'
import { openRegistry } from '../models/registry/open-registry.ts'
import { action, type CommandContext } from './command.ts'
import { figure, metricsText } from './metrics-text.ts'
import { parseModelName, parseWholeNumber } from './model-argument.ts'
import { textTable } from './text-table.ts'
import { verifyVersion } from './verify-version.ts'

interface Json {
  readonly json: boolean
}

const examples = `
Examples:
  contentflow models list                            every version, its aliases and its headline metric
  contentflow models show recommender 3              one version: data, configuration, metrics
  contentflow models promote recommender 3 --reason "A/B test of 12 May won"
  contentflow models rollback recommender --reason "complaints about stale items"
  contentflow models history recommender             who moved the champion, when and why`

/** `contentflow models list|show|promote|rollback|history` */
export function modelsCommand(): Command {
  const models = new Command('models')
    .description('versions, champions and their history')
    .addHelpText('after', examples)
  models
    .command('list [model]')
    .description('all versions, or those of one model')
    .option('--json', 'as JSON', false)
    .action(withRegistry(list))
  models
    .command('show <model> [version]')
    .description('one version; the champion by default')
    .option('--json', 'the whole manifest as JSON', false)
    .action(withRegistry(show))
  models
    .command('promote <model> <version>')
    .description('make a version champion by hand; its artifact is verified first')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .action(withRegistry(promote))
  models
    .command('rollback <model>')
    .description('make the previous champion champion again')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .action(withRegistry(rollback))
  models
    .command('history [model]')
    .description('the audit log, oldest first')
    .option('--json', 'as JSON', false)
    .action(withRegistry(history))
  return models
}

function withRegistry<A extends unknown[]>(
  run: (registry: ModelRegistry, context: CommandContext, ...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  return action(async (context, ...args: A) => {
    const registry = await openRegistry(context.config, context.log)
    try {
      await run(registry, context, ...args)
    } finally {
      await registry.close()
    }
  })
}

async function list(
  registry: ModelRegistry,
  { print }: CommandContext,
  model: string | undefined,
  { json }: Json,
): Promise<void> {
  const versions = await registry.list(model === undefined ? undefined : parseModelName(model))
  if (json)
    return print(JSON.stringify(versions.map(({ manifest, ...rest }) => ({ ...rest, metrics: manifest.metrics }))))
  if (versions.length === 0) return print('No versions yet. Train one: contentflow train all')
  print(
    textTable(
      ['model', 'version', 'aliases', 'created', 'headline', 'value', 'data', 'run'],
      versions.map(({ version, aliases, createdAt, runId, manifest }) => [
        manifest.model,
        String(version),
        aliases.join(', '),
        createdAt.slice(0, 16).replace('T', ' '),
        manifest.metrics[0]!.metric,
        figure(manifest.metrics[0]!.model.value),
        manifest.synthetic ? 'synthetic' : 'real',
        runId,
      ]),
    ),
  )
}

async function show(
  registry: ModelRegistry,
  { print }: CommandContext,
  name: string,
  version: string | undefined,
  { json }: Json,
): Promise<void> {
  const found = await findVersion(registry, name, version)
  if (json) return print(JSON.stringify(found))
  const { manifest, aliases } = found
  const { data } = manifest
  const day = (seconds: number | null): string =>
    seconds === null ? '?' : new Date(seconds * 1000).toISOString().slice(0, 10)
  print(
    [
      `${found.model} version ${found.version}${aliases.length > 0 ? ` (${aliases.join(', ')})` : ''}`,
      `created ${found.createdAt}, run ${found.runId}, seed ${manifest.seed}, code ${manifest.gitSha ?? 'unknown'}, ${manifest.backend}`,
      `data    ${data.rows} rows, ${day(data.from)} to ${day(data.to)}, ${data.split}${manifest.synthetic ? '; synthetic' : ''}`,
      `config  ${JSON.stringify(manifest.config)}`,
      '',
      metricsText(manifest.metrics),
    ].join('\n'),
  )
}

async function promote(
  registry: ModelRegistry,
  { print }: CommandContext,
  name: string,
  version: string,
  { reason }: { reason: string },
): Promise<void> {
  const found = await findVersion(registry, name, version)
  await verifyVersion(registry, found.model, found.version)
  await registry.promote(found.model, found.version, reason)
  print(`${found.model} version ${found.version} is champion.`)
}

async function rollback(
  registry: ModelRegistry,
  { print }: CommandContext,
  name: string,
  { reason }: { reason: string },
): Promise<void> {
  const { model, version } = await registry.rollback(parseModelName(name), reason)
  print(`${model} version ${version} is champion again.`)
}

async function history(
  registry: ModelRegistry,
  { print }: CommandContext,
  model: string | undefined,
  { json }: Json,
): Promise<void> {
  const entries = await registry.history(model === undefined ? undefined : parseModelName(model))
  if (json) return print(JSON.stringify(entries))
  if (entries.length === 0) return print('Nothing has happened yet. Train a model: contentflow train all')
  print(
    textTable(
      ['at', 'model', 'action', 'version', 'champion before', 'by', 'reason'],
      entries.map(({ at, action: what, version, previousChampion, actor, reason, ...entry }) => [
        at.slice(0, 19).replace('T', ' '),
        entry.model,
        what,
        String(version),
        String(previousChampion ?? '–'),
        actor,
        reason,
      ]),
    ),
  )
}

/** @param version a number; `champion` or undefined for the champion */
export async function findVersion(
  registry: ModelRegistry,
  name: string,
  version: string | undefined,
): Promise<ModelVersion> {
  const model = parseModelName(name)
  if (version !== undefined && version !== 'champion') {
    return registry.get(model, parseWholeNumber('version', version, 1))
  }
  const champion = await registry.champion(model)
  if (champion !== undefined) return champion
  throw new AppError(
    'NOT_FOUND',
    `${model} has no champion yet. See \`contentflow models list ${model}\`, or train it.`,
  )
}
