import { Command } from 'commander'
import { loadCatalogue } from '../serving/recommend/catalogue.ts'
import { action, type CommandContext } from './command.ts'
import { withPredictor } from './open-predictor.ts'
import { forecastText } from './predict-text.ts'

interface ForecastFlags {
  readonly content: string
  readonly json: boolean
}

/** `contentflow predict forecast`: what GET /v1/content/{id}/forecast answers, without a service. */
export function forecastCommand(): Command {
  return new Command('forecast')
    .description('how the counts of a published content go on in its first 28 days')
    .requiredOption('--content <id>', 'which')
    .option('--json', 'one JSON object on stdout, as the service answers', false)
    .addHelpText('after', '\nExamples:\n  contentflow predict forecast --content content-1430')
    .action(
      action(async (context: CommandContext, { content, json }: ForecastFlags) => {
        const { forecastAnswer } = await import('../serving/http/routes/forecast.ts')
        await withPredictor(context, 'forecast', async ({ model, store, world, synthetic }) => {
          const catalogue = await store.read((open) => loadCatalogue(open, world.now))
          const answer = await forecastAnswer(model, store, catalogue, content, world.now)
          context.print(json ? JSON.stringify({ ...answer, synthetic }) : forecastText(answer, synthetic))
        })
      }),
    )
}
