import { AppError } from '../../errors.ts'
import { importFactors, readFactorFacts } from '../classical/imported-factors.ts'
import type { InteractionsSplit } from '../datasets/interactions-split.ts'
import type { InteractionOptions } from '../datasets/read-interactions.ts'
import type { FoundRecommender } from './choose-family.ts'
import type { RecommenderConfig } from './recommender-config.ts'

/** Factors that were fitted elsewhere, on an exported training set. */
export interface ImportedFactors {
  /** How the training set was read: the marts are read in the same way, whatever came since. */
  readonly reading: Pick<InteractionOptions, 'before' | 'minRating' | 'minInteractions'>
  /** @throws AppError INPUT_INVALID when the factors are not of this data */
  load(split: InteractionsSplit): Promise<FoundRecommender>
}

/** @throws AppError INPUT_INVALID without finished factors; CONFIG_INVALID for options that the export has not */
export async function openImportedFactors(folder: string, config: RecommenderConfig): Promise<ImportedFactors> {
  if (config.split !== 'leave-last' || config.eventWeights !== null) {
    throw new AppError(
      'CONFIG_INVALID',
      'factors come from `contentflow export interactions`, which leaves out the last item of each user and counts events alike; expected split leave-last and no eventWeights.',
    )
  }
  const facts = await readFactorFacts(folder)
  const { before, minRating, minInteractions, rows } = facts.trainingSet
  return {
    reading: { before: new Date(before), minRating: minRating ?? undefined, minInteractions },
    async load({ trainAndValidation }) {
      const found = trainAndValidation.itemIndices.length
      if (found !== rows) {
        throw new AppError(
          'INPUT_INVALID',
          `${folder}: expected factors of the ${found} interactions that the marts have before ${before}; they were fitted on ${rows}. Events came late or people withdrew: export again, and fit again.`,
          { details: { found, rows } },
        )
      }
      const fitted = await importFactors(folder, facts, trainAndValidation)
      const fitConfig = { embeddingSize: facts.rank, ...facts.settings, before }
      return { fitted, name: 'ials', orderAware: false, config: fitConfig, considered: [], leftOut: [] }
    },
  }
}
