import { z } from 'zod'
import type { GivenDraft } from '../../predict/draft.ts'
import { requireEarlyFields } from '../../predict/early-fields.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, modelField, noParameters } from '../fields.ts'
import { defaultPatience } from '../patience.ts'
import { parseInput } from '../problem.ts'
import { defineRoute, parsedBody, type Route } from '../route.ts'
import { longestLine, mostLines } from '../stream-lines.ts'
import { draftWorld, exampleDraft } from './draft-fields.ts'
import { answerEach, engagementKind, type PredictionKind, revenueKind, viralityKind } from './prediction-kinds.ts'

const { requestTimeout, streamMs } = defaultPatience
const mostDrafts = 1000
const countExpected = `expected 1 to ${mostDrafts} drafts; more go as lines of application/x-ndjson`

const batchRoute =
  (kind: PredictionKind) =>
  (context: ServiceContext): Route =>
    defineRoute({
      method: 'post',
      path: `/v1/predictions/${kind.name}:batch`,
      operationId: `predict${kind.name[0]!.toUpperCase()}${kind.name.slice(1)}Batch`,
      tag: 'Predictions',
      summary: `${kind.summary} for up to ${mostDrafts} drafts, in one run of the network; for a stream of them as NDJSON`,
      description: `A JSON body holds \`drafts\`, and is refused as a whole when one of them is wrong, with its place and field, such as \`drafts.3.title\`. A body of content-type application/x-ndjson holds a draft per line, and is answered by a line each, in order and while it still arrives: \`line\` is the number, and a line that is wrong is answered by its problem document while the others are answered all the same. Read while you write: what you do not read holds up what you send. A line may have ${longestLine} bytes. A stream may have ${mostLines} lines, take ${streamMs / 60_000} minutes, and pause for ${requestTimeout / 1000} seconds before a line: where it goes beyond that, one last problem says so. Drafts that run together are rounded otherwise than one alone, in 32 bits: expect the same answer to five digits.`,
      params: noParameters,
      query: noParameters,
      body: parsedBody(
        bodyOf({
          drafts: z.array(kind.body, 'expected a list of drafts').min(1, countExpected).max(mostDrafts, countExpected),
        }),
      ),
      lines: {
        ready: () => context.models.require(kind.name, async () => {}),
        parse: (line) => parseInput(kind.body, line),
        answer: (drafts) =>
          context.models.require(kind.name, (model) =>
            answerEach(kind, model, context.store, drafts as readonly GivenDraft[], draftWorld(context)),
          ),
      },
      answer: z.object({
        drafts: z.array(kind.answer).describe('in the order given'),
        model: modelField,
        fallback: z.null().describe('each draft has its own'),
      }),
      example: { body: { drafts: [exampleDraft, { ...exampleDraft, title: 'How to cook in ten minutes' }] } },
      handle: ({ body: { drafts } }) =>
        context.models.require(kind.name, async (model) => {
          for (const [place, draft] of drafts.entries()) requireEarlyFields(model.payload, draft, `drafts.${place}.`)
          const answers = await kind.predict(model, context.store, drafts, draftWorld(context))
          return { body: { drafts: [...answers], model: referenceOf(model), fallback: null } }
        }),
    })

export const engagementBatchRoute = batchRoute(engagementKind)
export const viralityBatchRoute = batchRoute(viralityKind)
export const revenueBatchRoute = batchRoute(revenueKind)
