import process from 'node:process'
import { Command } from 'commander'
import { exitCodeHelp } from './command.ts'

const program = new Command('contentflow')
  .description('Recommendations and predictions for media content: features, training, registry, serving.')
  .addHelpText('after', `\n${exitCodeHelp}`)

// One file per command: import it and add it here.

await program.parseAsync(process.argv)
