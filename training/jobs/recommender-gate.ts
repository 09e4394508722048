import { comparePaired } from '../evaluation/bootstrap.ts'
import type { JudgedRecommender } from '../evaluation/judge-recommenders.ts'

/**
 * Whether the model beats the baselines of its kind in NDCG@10 on the held-out part, and by how much: popularity and item-kNN, and
 * next-item where the model knows the order of a history too. A model that does not answers another question than what comes next.
 *
 * @param baselines without the model's own family
 */
export function gateRecommender(
  model: JudgedRecommender,
  baselines: readonly JudgedRecommender[],
  orderAware: boolean,
  seed: number,
): { passed: boolean; reason: string } {
  const asked = ['popularity', 'item-knn', ...(orderAware ? ['next-item'] : [])]
  const mustBeat = baselines.map(({ name }) => name).filter((name) => asked.includes(name))
  const comparisons = baselines.map(({ name, perUser }) => {
    const { difference, probabilityAhead } = comparePaired(model.perUser['ndcg@10']!, perUser['ndcg@10']!, seed)
    const interval = difference.low === null ? '' : ` [${signed(difference.low)}, ${signed(difference.high!)}]`
    return {
      name,
      ahead: difference.value > 0,
      text: `${signed(difference.value)}${interval} against ${name}, ahead in ${(100 * probabilityAhead).toFixed(0)} % of resamples`,
    }
  })
  const judging = comparisons.filter(({ name }) => mustBeat.includes(name))
  const lost = judging.filter(({ ahead }) => !ahead).map(({ name }) => name)
  const passed = judging.length > 0 && lost.length === 0
  const verdict = passed
    ? `${model.name} beats ${mustBeat.join(' and ')} in NDCG@10`
    : `${model.name} does not beat ${lost.join(' and ')} in NDCG@10`
  return { passed, reason: `${verdict}: ${comparisons.map(({ text }) => text).join('; ')}.` }
}

const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(4)}`
