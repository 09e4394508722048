import { join } from 'node:path'
import type { FitEnvironment, RecommenderDataset, RecommenderFamily } from '../families/family.ts'
import { searchSettings, type Trial } from '../search/successive-halving.ts'
import type { JobContext } from './job.ts'

/** What a search over a family's settings found; all of it on the validation part. */
export interface FamilySearch {
  readonly best: Trial
  /** The defaults with everyone: what the best is better than. */
  readonly defaults: Trial
  /** Settings tried, whatever the share of users. */
  readonly tried: number
}

/**
 * Searches the settings that nobody has given, and tracks every trial: its NDCG@10, its share of the users and each numeric setting as
 * metrics `search/<family>/…` of step 1, 2, …, and all of them as an artifact, a line each.
 *
 * Trials are kept in the run's folder as they end: a run that is resumed goes on where it was stopped.
 *
 * @param given options that are not searched
 * @returns undefined for a family that has nothing to search
 */
export async function searchFamily(
  { tracker, workDir }: JobContext,
  family: RecommenderFamily,
  dataset: RecommenderDataset & Required<Pick<RecommenderDataset, 'validation'>>,
  given: Readonly<Record<string, unknown>>,
  trials: number,
  environment: FitEnvironment,
): Promise<FamilySearch | undefined> {
  const open = Object.keys(family.searchSpace).filter((name) => !Object.hasOwn(given, name))
  if (trials === 0 || open.length === 0) return undefined
  const logFile = join(workDir, `${family.name}.trials.ndjson`)
  const all: Trial[] = []
  const onTrial = (trial: Trial): void => {
    all.push(trial)
    const figures = { 'ndcg@10': trial.ndcg, share: trial.share, ...numbersOf(trial.settings) }
    const named = Object.entries(figures).map(([name, value]) => [`search/${family.name}/${name}`, value])
    tracker.metrics(Object.fromEntries(named), all.length)
  }
  const best = await searchSettings(family, dataset, { trials, fixed: given, logFile, onTrial }, environment)
  tracker.artifact(logFile, 'search')
  const defaults = all.findLast(({ settings }) => Object.keys(settings).length === 0)!
  return { best, defaults, tried: all.length }
}

const numbersOf = (settings: Trial['settings']): Record<string, number> =>
  Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
