import type { FeatureMatrix } from '../../features/definitions/feature-matrix.ts'
import { featureService } from '../../features/definitions/index.ts'
import type { Churn } from '../../models/payloads/churn.ts'
import { type Fallback, fallback } from '../recommend/fallback.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { LoadedModel } from '../runtime/loaded-model.ts'
import { type Explanation, explainRow } from './explain.ts'
import { inputTensors, storeInputs, type TabularInputs } from './tabular-inputs.ts'

export interface ChurnPrediction {
  readonly userId: string
  /** Chance to be lost within each horizon, the shortest first. */
  readonly probabilities: readonly { readonly horizonDays: number; readonly probability: number }[]
  /** Chance to be lost in each week of someone who was not before. */
  readonly hazardByWeek: readonly number[]
  readonly fallback: Fallback | null
}

/**
 * How likely people are lost, all by one run of the network.
 *
 * Of whom nothing is known, or may be concluded, gets the rate of everyone; who has been silent for long is lost already.
 *
 * @param userIds repeats are answered each
 * @param now     seconds since 1970, UTC
 * @returns in the order of `userIds`, and the inputs of those whom the network was asked about, for `explainChurn`
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function predictChurn(
  model: LoadedModel<'churn'>,
  store: GuardedStore,
  userIds: readonly string[],
  now: number,
): Promise<{ readonly people: readonly ChurnPrediction[]; readonly inputs: TabularInputs }> {
  const { payload } = model
  const service = featureService('churn')
  const [allowed, features] = await store.read((open) =>
    Promise.all([
      Promise.all(userIds.map((userId) => open.mayPersonalise(userId))),
      open.features(service, { user: userIds }, now),
    ]),
  )
  const column = (name: string): ((row: number) => number) => {
    const fields = service.fields.filter(({ field }) => field.dtype === 'float32')
    const at = fields.findIndex(({ field }) => field.name === name)
    return (row) => features.numeric[row * fields.length + at]!
  }
  const [recency, tenure] = [column('recency_days'), column('tenure_days')]
  const reasons = userIds.map((_, row) =>
    reasonNotToAsk(allowed[row]!, features, recency(row), tenure(row), payload.silentDays),
  )
  const asked = Int32Array.from(reasons.keys()).filter((row) => reasons[row] === null)
  const weeks = payload.baseHazards.length
  const inputs = storeInputs(payload, features, asked)
  const scored = asked.length === 0 ? undefined : await model.scorer.score(inputTensors(inputs))
  const horizons = payload.horizons.length
  let next = 0
  const people = userIds.map((userId, row) => {
    const why = reasons[row]!
    if (why !== null) return { userId, ...unscored(payload, why) }
    const { hazard, probability } = scored!
    const i = next++
    return {
      userId,
      probabilities: payload.horizons.map(({ days }, h) => ({
        horizonDays: days,
        probability: probability!.data[i * horizons + h]!,
      })),
      hazardByWeek: Array.from(hazard!.data.subarray(i * weeks, (i + 1) * weeks)),
      fallback: null,
    }
  })
  return { people, inputs }
}

/**
 * What drives the probabilities of one person, within each horizon; undefined where the network was not asked.
 *
 * @throws AppError CONFLICT when the model was trained before there were explanations
 */
export async function explainChurn(
  model: LoadedModel<'churn'>,
  inputs: TabularInputs,
): Promise<readonly Explanation[] | undefined> {
  return inputs.rowCount === 0 ? undefined : explainRow(model, inputs, new Float32Array(0))
}

const everyone = 'this is the rate of everyone who was seen lately.'

/**
 * Why the network is not asked about a person; null where it is.
 *
 * @param tenure days; 0 for someone of whom nothing is known
 */
function reasonNotToAsk(
  allowed: boolean,
  { stale }: FeatureMatrix,
  recency: number,
  tenure: number,
  silentDays: number,
): Fallback | null {
  if (!allowed) {
    return fallback('not-personalised', `This user did not agree to personalisation, or left; ${everyone}`)
  }
  if (stale > 0) return fallback('features-stale', `What is known of this user is too old; ${everyone}`)
  if (recency <= silentDays) return null
  // Who signed up lately and never came has not been silent for that long.
  if (tenure <= silentDays) return fallback('unknown-user', `Nothing is known of this user yet; ${everyone}`)
  return fallback('already-silent', `This user has not been seen for ${silentDays} days, so counts as lost already.`)
}

/** The answer for a person whom the network is not asked about. */
function unscored({ horizons, baseHazards }: Churn, why: Fallback): Omit<ChurnPrediction, 'userId'> {
  const hazardByWeek = why.reason === 'already-silent' ? baseHazards.map(() => 1) : baseHazards
  const within = (weeks: number): number =>
    1 - hazardByWeek.slice(0, weeks).reduce((survival, hazard) => survival * (1 - hazard), 1)
  return {
    probabilities: horizons.map(({ days, weeks }) => ({ horizonDays: days, probability: within(weeks) })),
    hazardByWeek,
    fallback: why,
  }
}
