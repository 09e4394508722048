import os from 'node:os'
import process from 'node:process'
import { AppError } from '../../errors.ts'
import type { Interactions } from '../datasets/interactions.ts'
import type { DatasetSize, FitEnvironment, FittedRecommender, RecommenderDataset, RecommenderFamily } from './family.ts'

export const sizeOf = ({ users, items, itemIndices }: Interactions): DatasetSize => ({
  users: users.length,
  items: items.length,
  interactions: itemIndices.length,
})

/**
 * Fits a family, unless it would need more memory than there is.
 *
 * @throws AppError TOO_LARGE with both numbers, before anything is allocated
 */
export async function fitFamily<C>(
  family: RecommenderFamily<C>,
  dataset: RecommenderDataset,
  config: C,
  environment: FitEnvironment,
): Promise<FittedRecommender> {
  environment.signal.throwIfAborted()
  const size = sizeOf(dataset.interactions)
  const needed = family.estimateBytes(size, config)
  const free = freeBytes()
  if (needed > free) {
    throw new AppError(
      'TOO_LARGE',
      `${family.name} needs about ${gigabytes(needed)} GB for ${size.users} users × ${size.items} items, and ${gigabytes(free)} GB are free. Use a smaller setting or another family, or a machine with more memory.`,
      { details: { neededBytes: needed, freeBytes: free } },
    )
  }
  return family.fit(dataset, config, environment)
}

/** What this process may still take: a container's limit counts, where Node knows it. */
function freeBytes(): number {
  const ofProcess = (process as { availableMemory?: () => number }).availableMemory?.()
  return ofProcess === undefined || ofProcess === 0 ? os.freemem() : ofProcess
}

const gigabytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1)
