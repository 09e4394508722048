import { z } from 'zod'
import type { RecommenderFamily } from '../families/family.ts'
import { dropoutOption, fitHistoryRidge, historyRidgeBytes } from './history-ridge.ts'
import { fitPopularity } from './popularity.ts'
import { setWeights } from './set-weights.ts'

const configSchema = z.object({
  l2: z.number().min(1e-6).max(1e6).default(0.3).describe('ridge penalty, relative to the mean of the diagonal of XᵀX'),
  dropout: dropoutOption(0),
  backward: z.number().min(0).max(1).default(0).describe('weight of every sequence read backwards'),
  targetDecay: z
    .number()
    .min(0)
    .max(0.99)
    .default(0)
    .describe('how much each later item counts as a target, relative to the one before it; 0: the next one only'),
  popularityDamping: z.number().min(0).max(1).default(0.3).describe('how much popular items are scored down'),
})
type SlitOptions = z.infer<typeof configSchema>

/**
 * Linear item transitions: ridge regression from the set of all that was had before to what came next (`history-ridge.ts`);
 * score(j) = Σ over the history of B[i, j]. As EASE it forgets in which order a history came; other than EASE, it learned what comes after,
 * and not what goes together (SLIT in Choi et al. 2021, "Session-aware linear item-item models", without its decay).
 */
export const slitFamily: RecommenderFamily<SlitOptions> = {
  name: 'slit',
  description:
    'Ridge regression from all that was had before, in whatever order, to what came next (Choi et al. 2021).',
  orderAware: false,
  config: configSchema,
  searchSpace: {
    l2: { from: 0.03, to: 3, scale: 'log' },
    targetDecay: { values: [0, 0.5, 0.9] },
    popularityDamping: { from: 0, to: 0.5, scale: 'linear' },
  },
  estimateBytes: (size) => historyRidgeBytes(size, 1),
  async fit({ interactions }, options, { signal }) {
    const { counts } = fitPopularity(interactions, { halfLifeDays: Number.POSITIVE_INFINITY })
    // Where nobody has two items the diagonal is 0, and any penalty above that does.
    const l2 = (meanDiagonal: number): number => options.l2 * (meanDiagonal || 1)
    const { values } = await fitHistoryRidge(interactions, counts, { ...options, decays: [1], l2 }, signal)
    return setWeights('slit', values, counts)
  },
  load: async ({ arrays }) => setWeights('slit', arrays.weights as Float32Array, arrays.popularity as Float32Array),
}
