import { createRandom } from '../backend/random.ts'
import { judge } from '../evaluation/judge-recommenders.ts'
import { mean } from '../evaluation/mean.ts'
import type { FitEnvironment, RecommenderDataset, RecommenderFamily } from '../families/family.ts'
import { fitFamily } from '../families/fit-family.ts'
import { drawSettings } from './draw-settings.ts'
import { shareOfUsers } from './share-of-users.ts'
import { openTrialLog } from './trial-log.ts'

export interface SearchOptions {
  /** Settings to try, the defaults among them; from 2. */
  readonly trials: number
  /** File that keeps each trial, so that a search that was stopped goes on; none when absent. */
  readonly logFile?: string
  /** Options that are not searched. */
  readonly fixed: Readonly<Record<string, unknown>>
  /** Called after each trial, those of the log included. */
  readonly onTrial?: (trial: Trial) => void
}

/** Settings, and how well they did on a share of the users. */
export interface Trial {
  readonly settings: Readonly<Record<string, unknown>>
  /** Of the users that it learned from and was judged by, in (0, 1]. */
  readonly share: number
  /** Mean NDCG@10 on the validation part. */
  readonly ndcg: number
}

/** Of each rung this share goes on, with so many times the users. */
const eta = 3

/**
 * Successive halving (Jamieson & Talwalkar 2016): many settings on few users, the best third of them on three times as many, and so on; the
 * last rung has everyone. The defaults are in every rung, so that the winner is never behind them on the validation part.
 *
 * @param dataset with the validation part that decides; no test part comes near
 * @returns the best of the last rung
 */
export async function searchSettings(
  family: RecommenderFamily,
  dataset: RecommenderDataset & Required<Pick<RecommenderDataset, 'validation'>>,
  options: SearchOptions,
  environment: FitEnvironment,
): Promise<Trial> {
  const random = createRandom(environment.seed).fork(`search ${family.name}`)
  const { trials, fixed } = options
  const defaults = {}
  const open = Object.fromEntries(Object.entries(family.searchSpace).filter(([name]) => !Object.hasOwn(fixed, name)))
  const drawn = Array.from({ length: trials - 1 }, () => drawSettings(open, random))
  const log = await openTrialLog(options.logFile, { family: family.name, fixed, seed: environment.seed, trials })
  let candidates: Readonly<Record<string, unknown>>[] = [defaults, ...drawn]
  for (let share = firstShare(trials); ; share = Math.min(1, share * eta)) {
    const part = shareOfUsers(dataset, share, environment.seed)
    const rung: Trial[] = []
    for (const [i, settings] of candidates.entries()) {
      environment.signal.throwIfAborted()
      const known = log.find(settings, share)
      const trial = known ?? {
        settings,
        share,
        ndcg: await measure(family, part, { ...settings, ...fixed }, environment),
      }
      if (known === undefined) await log.add(trial)
      options.onTrial?.(trial)
      environment.progress.update(
        `${environment.label}: search`,
        i + 1,
        candidates.length,
        `${Math.round(100 * share)} % of users`,
      )
      rung.push(trial)
    }
    const best = rung.toSorted((a, b) => b.ndcg - a.ndcg)
    if (share === 1) {
      environment.progress.done(`${environment.label}: search`, `${trials} settings`)
      return best[0]!
    }
    const kept = best.slice(0, Math.max(1, Math.ceil(candidates.length / eta))).map(({ settings }) => settings)
    candidates = kept.includes(defaults) ? kept : [...kept, defaults]
  }
}

/** Such that about one setting beside the defaults reaches everyone. */
const firstShare = (trials: number): number => eta ** -Math.floor(Math.log(Math.max(1, trials)) / Math.log(eta))

async function measure(
  family: RecommenderFamily,
  dataset: RecommenderDataset & Required<Pick<RecommenderDataset, 'validation'>>,
  settings: Readonly<Record<string, unknown>>,
  environment: FitEnvironment,
): Promise<number> {
  const { checkpointFile: _, ...rest } = environment
  const fitted = await fitFamily(family, dataset, family.config.parse(settings), rest)
  try {
    const judged = await judge(fitted, dataset.interactions, dataset.validation, environment.signal)
    return mean(judged.perUser['ndcg@10']!)
  } finally {
    fitted.close()
  }
}
