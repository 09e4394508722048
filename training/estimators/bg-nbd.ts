import { AppError } from '../../errors.ts'
import { logBeta, logGamma } from './log-gamma.ts'
import { nelderMead } from './nelder-mead.ts'

/** What a person did until a moment; times in one unit of the caller's choice. */
export interface PurchaseHistory {
  /** Repeats after the first time, x. */
  readonly repeats: number
  /** From the first time to the last, tₓ; 0 without a repeat. */
  readonly last: number
  /** From the first time to the moment, T ≥ tₓ. */
  readonly age: number
}

/**
 * Beta-geometric/NBD model of people who come again until they silently stop (Fader, Hardie & Lee 2005): while alive a person comes at a
 * rate λ ~ Gamma(r, α), and after each time stops for good with probability p ~ Beta(a, b).
 */
export interface BgNbd {
  readonly r: number
  readonly alpha: number
  readonly a: number
  readonly b: number
}

/** Most histories that a fit reads: four parameters need no more, and each costs some hundred evaluations. */
const mostHistories = 5000

/**
 * Fits the four parameters by maximum likelihood; equal histories are counted once.
 *
 * @param histories of everyone who ever came, not only of those still active: else nobody ever stopped. A regular sample is read of many
 * @throws AppError DATA_INSUFFICIENT when nobody came a second time
 */
export function fitBgNbd(histories: readonly PurchaseHistory[]): BgNbd {
  if (!histories.some(({ repeats }) => repeats > 0)) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      `None of ${histories.length} people came a second time; BG/NBD needs people who do. Import a longer span.`,
    )
  }
  const every = Math.ceil(histories.length / mostHistories)
  const counts = new Map<string, { readonly history: PurchaseHistory; people: number }>()
  for (let i = 0; i < histories.length; i += every) {
    const history = histories[i]!
    const key = `${history.repeats} ${history.last} ${history.age}`
    const counted = counts.get(key)
    if (counted === undefined) counts.set(key, { history, people: 1 })
    else counted.people++
  }
  const distinct = [...counts.values()]
  const mean = histories.reduce((sum, { age }) => sum + age, 0) / histories.length
  const cost = (point: Float64Array): number => {
    const model = parametersOf(point)
    let sum = 0
    for (const { history, people } of distinct) sum -= people * logLikelihood(model, history)
    return sum / histories.length
  }
  // Logarithms, so that every parameter stays positive; α is a time, so it starts at one of that size.
  const start = Float64Array.of(0, Math.log(Math.max(mean, 1e-3) / 4), 0, 0)
  return parametersOf(nelderMead(cost, start).point)
}

const parametersOf = (point: Float64Array): BgNbd => ({
  r: Math.exp(point[0]!),
  alpha: Math.exp(point[1]!),
  a: Math.exp(point[2]!),
  b: Math.exp(point[3]!),
})

/**
 * ln L(r, α, a, b | x, tₓ, T) (Fader, Hardie & Lee 2005, eq. 6): of having come x times, and then either being alive and silent until T, or
 * having stopped at tₓ.
 */
export function logLikelihood({ r, alpha, a, b }: BgNbd, { repeats: x, last, age }: PurchaseHistory): number {
  const common = logGamma(r + x) - logGamma(r) + r * Math.log(alpha) - logBeta(a, b)
  const alive = logBeta(a, b + x) - (r + x) * Math.log(alpha + age)
  if (x === 0) return common + alive
  const stopped = logBeta(a + 1, b + x - 1) - (r + x) * Math.log(alpha + last)
  const larger = Math.max(alive, stopped)
  return common + larger + Math.log(Math.exp(alive - larger) + Math.exp(stopped - larger))
}

/**
 * Probability that a person does not come in the `ahead` after the moment, whether alive or not.
 *
 * P(no event in (T, T + t] | x, tₓ, T) = L(x, tₓ, T + t)/L(x, tₓ, T): who stays silent has the same history with a later T.
 *
 * @param ahead t ≥ 0, in the unit of the history
 */
export const silenceProbability = (model: BgNbd, history: PurchaseHistory, ahead: number): number =>
  Math.exp(logLikelihood(model, { ...history, age: history.age + ahead }) - logLikelihood(model, history))
