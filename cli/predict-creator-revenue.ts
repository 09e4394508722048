import { Command } from 'commander'
import { action, type CommandContext } from './command.ts'
import { withPredictor } from './open-predictor.ts'
import { creatorRevenueText } from './predict-text.ts'

interface CreatorRevenueFlags {
  readonly creator: string
  readonly explain: boolean
  readonly json: boolean
}

/** `contentflow predict creator-revenue`: what GET /v1/creators/{id}/revenue answers, without a service. */
export function creatorRevenueCommand(): Command {
  return new Command('creator-revenue')
    .description('what all contents of a creator will earn in the next days')
    .requiredOption('--creator <id>', 'who')
    .option('--explain', 'say what drives the prediction', false)
    .option('--json', 'one JSON object on stdout, as the service answers', false)
    .addHelpText('after', '\nExamples:\n  contentflow predict creator-revenue --creator creator-1 --explain')
    .action(
      action(async (context: CommandContext, { creator, explain, json }: CreatorRevenueFlags) => {
        const { creatorRevenueAnswer } = await import('../serving/http/routes/creator-revenue.ts')
        await withPredictor(context, 'creator-revenue', async ({ model, store, world, synthetic }) => {
          const answer = await creatorRevenueAnswer(model, store, creator, world.now, { explain })
          context.print(json ? JSON.stringify({ ...answer, synthetic }) : creatorRevenueText(answer, synthetic))
        })
      }),
    )
}
