import { comparePaired } from '../evaluation/bootstrap.ts'
import type { JudgedRecommender } from '../evaluation/judge-recommenders.ts'

/** What the model must beat in NDCG@10; next-item is shown beside it, but answers another question: what comes next. */
const mustBeat = ['popularity', 'item-knn']

/** Whether the network beats popularity and item-kNN in NDCG@10 on the held-out part, and by how much. */
export function gateNeuMf(
  model: JudgedRecommender,
  baselines: readonly JudgedRecommender[],
  seed: number,
): { passed: boolean; reason: string } {
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
    ? `Beats ${mustBeat.join(' and ')} in NDCG@10`
    : `Does not beat ${lost.join(' and ')} in NDCG@10`
  return { passed, reason: `${verdict}: ${comparisons.map(({ text }) => text).join('; ')}.` }
}

const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(4)}`
