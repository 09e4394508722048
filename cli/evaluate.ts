import { Command } from 'commander'
import { openRegistry } from '../models/registry/open-registry.ts'
import { action } from './command.ts'
import { metricsText } from './metrics-text.ts'
import { findVersion } from './models.ts'
import { verifyVersion } from './verify-version.ts'

interface EvaluateOptions {
  readonly version: string
  readonly json: boolean
}

const examples = `
Examples:
  contentflow evaluate recommender                        the champion's held-out metrics beside its baselines
  contentflow evaluate engagement --version 2 --json

The metrics are those of the training run, from the version's manifest; the artifact is downloaded if need be, its checksums are
compared, and the runtime must reproduce its golden batch.`

/** `contentflow evaluate <model>` */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('show how a version did on held-out data, and verify its artifact')
    .argument('<model>', 'e.g. recommender')
    .option('--version <number>', 'a version, or champion', 'champion')
    .option('--json', 'as JSON', false)
    .addHelpText('after', examples)
    .action(
      action(async ({ config, log, print }, name: string, options: EvaluateOptions) => {
        const registry = await openRegistry(config, log)
        try {
          const { model, version, aliases, manifest } = await findVersion(registry, name, options.version)
          await verifyVersion(registry, model, version)
          const { metrics, synthetic, data } = manifest
          if (options.json)
            return print(JSON.stringify({ model, version, aliases, synthetic, data, metrics, verified: true }))
          print(`${model} version ${version}${aliases.length > 0 ? ` (${aliases.join(', ')})` : ''}: ${data.split}`)
          print(metricsText(metrics))
          print('The artifact is whole, and the runtime reproduces its golden batch.')
          if (synthetic) print('Trained on synthetic data: these figures say nothing about quality.')
        } finally {
          await registry.close()
        }
      }),
    )
}
