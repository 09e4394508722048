import { Command } from 'commander'
import { action, type CommandContext } from './command.ts'
import { withPredictor } from './open-predictor.ts'
import { churnText } from './predict-text.ts'

interface ChurnFlags {
  readonly user: string
  readonly explain: boolean
  readonly json: boolean
}

/** `contentflow predict churn`: what POST /v1/predictions/churn answers, without a service. */
export function churnCommand(): Command {
  return new Command('churn')
    .description('how likely a person of the audience is lost, and in which week')
    .requiredOption('--user <id>', 'who')
    .option('--explain', 'say what drives the prediction', false)
    .option('--json', 'one JSON object on stdout, as the service answers', false)
    .addHelpText('after', '\nExamples:\n  contentflow predict churn --user user-2 --explain')
    .action(
      action(async (context: CommandContext, { user, explain, json }: ChurnFlags) => {
        const { churnAnswer } = await import('../serving/http/routes/predict-churn.ts')
        await withPredictor(context, 'churn', async ({ model, store, world, synthetic }) => {
          const answer = await churnAnswer(model, store, user, world.now, { explain })
          context.print(json ? JSON.stringify({ ...answer, synthetic }) : churnText(answer, synthetic))
        })
      }),
    )
}
