import process from 'node:process'
import { Command } from 'commander'
import { benchCommand } from './bench.ts'
import { exitCodeHelp } from './command.ts'
import { demoCommand } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { evaluateCommand } from './evaluate.ts'
import { featuresCommand } from './features.ts'
import { importCommand } from './import.ts'
import { martsCommand } from './marts.ts'
import { modelsCommand } from './models.ts'
import { retrainCommand } from './retrain.ts'
import { sampleCommand } from './sample.ts'
import { serveCommand } from './serve.ts'
import { trainCommand } from './train.ts'

const program = new Command('contentflow')
  .description('Recommendations and predictions for media content: features, training, registry, serving.')
  .addHelpText('after', `\n${exitCodeHelp}`)

// One file per command: import it and add it here.
program.addCommand(demoCommand())
program.addCommand(sampleCommand())
program.addCommand(importCommand())
program.addCommand(martsCommand())

program.addCommand(trainCommand())
program.addCommand(evaluateCommand())
program.addCommand(benchCommand())
program.addCommand(modelsCommand())
program.addCommand(featuresCommand())
program.addCommand(serveCommand())
program.addCommand(retrainCommand())
program.addCommand(doctorCommand())

await program.parseAsync(process.argv)
