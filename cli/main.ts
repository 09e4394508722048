import process from 'node:process'
import { Command, CommanderError } from 'commander'
import { exitCodeHelp } from './command.ts'

/** One file per command; a command's own file is loaded only when it is called, so that none waits for the libraries of another. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo.ts')).demoCommand(),
  sample: async () => (await import('./sample.ts')).sampleCommand(),
  import: async () => (await import('./import.ts')).importCommand(),
  export: async () => (await import('./export.ts')).exportCommand(),
  marts: async () => (await import('./marts.ts')).martsCommand(),
  features: async () => (await import('./features.ts')).featuresCommand(),
  train: async () => (await import('./train.ts')).trainCommand(),
  evaluate: async () => (await import('./evaluate.ts')).evaluateCommand(),
  models: async () => (await import('./models.ts')).modelsCommand(),
  predict: async () => (await import('./predict.ts')).predictCommand(),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  retrain: async () => (await import('./retrain.ts')).retrainCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
}

const usageExitCode = 2

const program = new Command('contentflow')
  .description('Recommendations and predictions for media content: features, training, registry, serving.')
  .addHelpText('after', `\n${exitCodeHelp}`)
  // Flags of one name in a command and in what stands below it: each has its own.
  .enablePositionalOptions()

const called = commands[process.argv[2] ?? '']
for (const load of called === undefined ? Object.values(commands) : [called]) program.addCommand(await load())
exitWithUsageCode(program)

// A reader that has seen enough (`contentflow … | head`) closes the pipe; that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  await program.parseAsync(process.argv)
} catch (error) {
  // Help and wrong usage; commander has already said what is wrong.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 || error.code === 'commander.help' ? 0 : usageExitCode
}

/** Makes a wrong flag throw instead of ending the process with commander's own code, in the command and all below it. */
function exitWithUsageCode(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) exitWithUsageCode(child)
}
