import { z } from 'zod'
import { type ChurnPrediction, explainChurn, predictChurn } from '../../predict/predict-churn.ts'
import type { GuardedStore } from '../../runtime/guarded-store.ts'
import { type LoadedModel, referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, fallbackField, id, modelField, noParameters } from '../fields.ts'
import { parseInput } from '../problem.ts'
import { defineRoute, parsedBody, type Route } from '../route.ts'
import { optionalExplanation, shownExplanation } from './draft-answers.ts'
import { explainFlag } from './draft-fields.ts'

const mostPeople = 1000
const countExpected = `expected 1 to ${mostPeople} people; more go as lines of application/x-ndjson`
const probability = z.number().min(0).max(1)

const personBody = bodyOf({ userId: id('who') })

const personFields = {
  userId: z.string(),
  probabilities: z
    .array(z.object({ horizonDays: z.number().int(), probability, explanation: optionalExplanation }))
    .describe('to be lost within so many days, calibrated; horizons that the data did not cover are left out'),
  hazardByWeek: z.array(probability).describe('to be lost in the first, second, … week of someone who was not before'),
  fallback: fallbackField.nullable(),
}

export const predictChurnRoute = ({ models, store, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/predictions/churn',
    operationId: 'predictChurn',
    tag: 'Predictions',
    summary: 'How likely a person of the audience is lost, within 28 and 90 days and week by week',
    params: noParameters,
    query: noParameters,
    body: parsedBody(bodyOf({ userId: id('who'), explain: explainFlag })),
    answer: z.object({
      ...personFields,
      definition: z.string().describe('what counts as lost'),
      model: modelField,
    }),
    example: { body: { userId: 'user-1' } },
    handle: ({ body: { userId, explain } }) =>
      models.require('churn', async (model) => ({
        body: await churnAnswer(model, store, userId, clock(), { explain }),
      })),
  })

/** How likely one person is lost, as clients read it. */
export async function churnAnswer(
  model: LoadedModel<'churn'>,
  store: GuardedStore,
  userId: string,
  now: number,
  { explain }: { readonly explain: boolean },
) {
  const { people, inputs } = await predictChurn(model, store, [userId], now)
  const explanations = explain ? await explainChurn(model, inputs) : undefined
  const { probabilities, ...shown } = shownPerson(people[0]!)
  return {
    ...shown,
    probabilities: probabilities.map((one, h) => ({
      ...one,
      ...(explanations && { explanation: shownExplanation(explanations[h]!) }),
    })),
    definition: model.payload.definition,
    model: referenceOf(model),
  }
}

export const churnBatchRoute = ({ models, store, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/predictions/churn:batch',
    operationId: 'predictChurnBatch',
    tag: 'Predictions',
    summary: `How likely up to ${mostPeople} people are lost, in one run of the network; a stream of them as NDJSON`,
    description:
      'A body of content-type application/x-ndjson holds a `userId` per line, and is answered by a line each, as predictions/engagement:batch does.',
    params: noParameters,
    query: noParameters,
    body: parsedBody(
      bodyOf({
        userIds: z.array(id('who'), 'expected a list of user ids').min(1, countExpected).max(mostPeople, countExpected),
      }),
    ),
    lines: {
      ready: () => models.require('churn', async () => {}),
      parse: (line) => parseInput(personBody, line),
      answer: (lines) =>
        models.require('churn', async (model) => {
          const userIds = (lines as readonly z.infer<typeof personBody>[]).map(({ userId }) => userId)
          const { people } = await predictChurn(model, store, userIds, clock())
          return people.map((person) => ({ ...shownPerson(person), model: referenceOf(model) }))
        }),
    },
    answer: z.object({
      people: z.array(z.object(personFields)).describe('in the order given'),
      definition: z.string().describe('what counts as lost'),
      model: modelField,
      fallback: z.null().describe('each person has their own'),
    }),
    example: { body: { userIds: ['user-1', 'user-2'] } },
    handle: ({ body }) =>
      models.require('churn', async (model) => {
        const { people } = await predictChurn(model, store, body.userIds, clock())
        return {
          body: {
            people: people.map(shownPerson),
            definition: model.payload.definition,
            model: referenceOf(model),
            fallback: null,
          },
        }
      }),
  })

const shownPerson = ({ userId, probabilities, hazardByWeek, fallback }: ChurnPrediction) => ({
  userId,
  probabilities: probabilities.map((one) => ({ horizonDays: one.horizonDays, probability: rounded(one.probability) })),
  hazardByWeek: hazardByWeek.map(rounded),
  fallback,
})
