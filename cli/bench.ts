import { Command } from 'commander'
import { predictCommand } from './bench/predict.ts'
import { recommendCommand } from './bench/recommend.ts'
import { tabularCommand } from './bench/tabular.ts'

/** `contentflow bench`: our models on public data. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('measure our models on published splits')
    .addCommand(recommendCommand())
    .addCommand(predictCommand())
    .addCommand(tabularCommand())
}
