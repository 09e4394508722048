import { Command } from 'commander'
import { AppError } from '../errors.ts'
import { benchmarkModels, benchmarkRecommender } from '../training/jobs/benchmark-recommender.ts'
import { action } from './command.ts'

interface RecommendFlags {
  readonly train: string
  readonly valid?: string
  readonly test: string
  readonly model: string
  readonly metrics: string
  readonly seed: string
  readonly set: readonly string[]
  readonly json: boolean
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value]

/** `contentflow bench recommend`: trains on somebody's published split, so that anyone can compare us with a published table. */
export function benchCommand(): Command {
  const command = new Command('bench').description('measure our models on published splits')
  command
    .command('recommend')
    .description('train on a given split and rank all items unseen in training')
    .requiredOption('--train <file>', 'lines of `user item item…`, or user,item[,time] with or without a header')
    .option('--valid <file>', 'chooses the epochs of a network, which is then trained again with these items')
    .requiredOption('--test <file>', 'held-out items, in the same form')
    .requiredOption('--model <name>', benchmarkModels.join(', '))
    .option('--metrics <list>', 'ndcg@k, recall@k, hit-rate@k, precision@k, mrr@k', 'recall@20,ndcg@20')
    .option('--seed <number>', 'of the network', '1')
    .option('--set <key=value>', 'an option of the model; may be repeated', collect, [])
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', examples)
    .action(
      action(async (context, flags: RecommendFlags) => {
        const result = await benchmarkRecommender({
          train: flags.train,
          valid: flags.valid,
          test: flags.test,
          model: flags.model,
          metrics: flags.metrics.split(',').map((metric) => metric.trim()),
          seed: integer(flags.seed),
          settings: Object.fromEntries(flags.set.map(keyAndValue)),
          backend: context.config.tfjsBackend,
          log: context.log,
          progress: context.progress,
          signal: context.signal,
        })
        if (flags.json) {
          context.print(JSON.stringify(result))
          return
        }
        context.print(
          `${result.model} on ${result.users} judged users, ${result.items} items, ${result.interactions} training interactions`,
        )
        if (result.unjudged > 0)
          context.print(`${result.unjudged} test pairs left out: user not in training, or pair already there`)
        for (const [metric, value] of Object.entries(result.metrics))
          context.print(`  ${metric.padEnd(14)} ${value.toFixed(4)}`)
        context.print(
          `  fit ${result.fitSeconds.toFixed(1)} s, rank ${result.rankSeconds.toFixed(1)} s, peak ${result.peakMb} MB`,
        )
      }),
    )
  return command
}

const examples = `
Examples:
  contentflow bench recommend --train train.txt --test test.txt --model item-knn
  contentflow bench recommend --train train.csv --valid valid.csv --test test.csv --model neu-mf --metrics ndcg@10,hit-rate@10
  contentflow bench recommend --train train.txt --test test.txt --model item-knn --set k=50 --json
  contentflow bench recommend --train train.txt --test test.txt --model neu-mf --set epochs=8 --set gmfSize=64`

function integer(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text)
  throw new AppError('CONFIG_INVALID', `--seed is ${text}; expected an integer.`)
}

function keyAndValue(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new AppError('CONFIG_INVALID', `--set ${text}: expected key=value, e.g. --set epochs=5.`)
}
