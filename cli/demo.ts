import { once } from 'node:events'
import { Command } from 'commander'
import { action, type CommandContext } from './command.ts'
import { gitRevision } from './git-revision.ts'
import { outcomeLine } from './outcome-line.ts'

/** `contentflow demo`, which is `npm start`: a complete service from nothing. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'From nothing to a running service: sample world, features, all models, then serve. A second start serves at once.',
    )
    .addHelpText(
      'after',
      `
Examples:
  npm start                                  the same
  PORT=9000 DATA_DIR=/tmp/play contentflow demo
  rm -rf data && npm start                   from the beginning

What is there already is used, also data of your own in DATA_DIR; a start that was stopped goes on where it stopped.`,
    )
    .action(action(runDemo))
}

async function runDemo({ config, log, progress, signal, print }: CommandContext): Promise<void> {
  const started = performance.now()
  const { prepareDemo } = await import('../pipelines/demo.ts')
  const { openScorer } = await import('../serving/runtime/open-scorer.ts')
  const onOutcome = (outcome: Parameters<typeof outcomeLine>[0]): void => print(outcomeLine(outcome))
  await prepareDemo({ config, log, progress, signal, openScorer, git: gitRevision(), onOutcome })
  signal.throwIfAborted()
  const { startService } = await import('../serving/main.ts')
  const service = await startService(config, { log })
  print(welcome(service.url, (performance.now() - started) / 1000))
  if (!signal.aborted) await once(signal, 'abort')
  await service.close()
}

const welcome = (url: string, seconds: number): string => `
ContentFlow is ready after ${seconds.toFixed(1)} s:  ${url}   (stop: Ctrl+C)

Try:
  curl '${url}/v1/users/user-1/recommendations?limit=5'
  curl '${url}/v1/creators/creator-1/posting-times'
  curl '${url}/v1/predictions/churn' -H 'content-type: application/json' -d '{"userId":"user-2"}'
  curl '${url}/v1/predictions/engagement' -H 'content-type: application/json' \\
    -d '{"creatorId":"creator-1","title":"Why does everyone talk about the lemon tart?","durationSeconds":480}'
`
