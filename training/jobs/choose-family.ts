import { join } from 'node:path'
import { AppError, type ErrorCode, toAppError } from '../../errors.ts'
import type { Interactions } from '../datasets/interactions.ts'
import type { InteractionsSplit } from '../datasets/interactions-split.ts'
import { type JudgedRecommender, judge } from '../evaluation/judge-recommenders.ts'
import { mean } from '../evaluation/mean.ts'
import { loadFamily } from '../families/all-families.ts'
import type { FittedRecommender, ItemContent, RecommenderDataset, RecommenderFamily } from '../families/family.ts'
import { fitFamily } from '../families/fit-family.ts'
import { parseOptions } from '../families/parse-options.ts'
import { environmentOf } from './environment-of.ts'
import type { JobContext } from './job.ts'
import { type FamilySearch, searchFamily } from './search-family.ts'

/** A family that was fitted on the training part, and what the validation part says of it. */
export interface ConsideredFamily {
  readonly family: RecommenderFamily
  /** Options of the final fit: those given, and what the fit chose. */
  readonly config: object
  readonly judged: JudgedRecommender
  /** Mean NDCG@10 on the validation part. */
  readonly ndcg: number
  readonly seconds: number
  /** Figures of each epoch; empty for what is not trained in epochs. */
  readonly epochs: readonly Readonly<Record<string, number>>[]
  /** Absent where nothing was searched. */
  readonly search?: FamilySearch
}

/** The recommender that is going to be judged, and how it was found. */
export interface FoundRecommender {
  readonly fitted: FittedRecommender
  /** Of its family. */
  readonly name: string
  readonly orderAware: boolean
  /** How it was fitted. */
  readonly config: object
  /** Best first; none where nothing was chosen among. */
  readonly considered: readonly ConsideredFamily[]
  readonly leftOut: readonly LeftOutFamily[]
}

/** Why a family is not among them. */
export interface LeftOutFamily {
  readonly name: string
  readonly reason: string
}

/** What says nothing against the others: this family does not fit this data. */
const notForThisData: ReadonlySet<ErrorCode> = new Set(['TOO_LARGE', 'DATA_INSUFFICIENT'])

/**
 * Fits each family on the training part and judges it on the validation part; the test part is not looked at.
 *
 * @param content what is known of the items, if anything
 * @param trials  settings to search for each family before; 0 for none
 * @returns best first; a family that is too large for this machine, or finds too little data, is left out with the reason
 * @throws AppError DATA_INSUFFICIENT when none is left; CONFIG_INVALID for an option that a family does not have
 */
export async function considerFamilies(
  context: JobContext,
  names: readonly { readonly name: string; readonly options: Readonly<Record<string, unknown>> }[],
  split: InteractionsSplit,
  content: ItemContent | undefined,
  trials: number,
): Promise<{ considered: readonly [ConsideredFamily, ...ConsideredFamily[]]; leftOut: readonly LeftOutFamily[] }> {
  const families = await Promise.all(
    names.map(async ({ name, options }) => {
      const family = await loadFamily(name)
      return { family, given: options, config: parseOptions(family, options, `--set ${name}.key=value`) }
    }),
  )
  const considered: ConsideredFamily[] = []
  const leftOut: LeftOutFamily[] = []
  for (const setUp of families) {
    const { family } = setUp
    try {
      const result = await consider(context, setUp, split, content, trials)
      context.tracker.metrics({ [`validation/${family.name}/ndcg@10`]: result.ndcg }, 0)
      considered.push(result)
    } catch (thrown) {
      const error = toAppError(thrown)
      if (context.signal.aborted || !notForThisData.has(error.code)) throw thrown
      context.log.warn({ family: family.name, err: error }, `${family.name} is left out`)
      leftOut.push({ name: family.name, reason: error.message })
    }
  }
  const [best, ...others] = considered.sort((a, b) => b.ndcg - a.ndcg)
  if (best === undefined) {
    const reasons = leftOut.map(({ name, reason }) => `${name}: ${reason}`).join(' ')
    throw new AppError('DATA_INSUFFICIENT', `No family of recommenders can be fitted. ${reasons}`)
  }
  return { considered: [best, ...others], leftOut }
}

interface FamilySetUp {
  readonly family: RecommenderFamily
  /** Options that somebody chose: a search leaves them alone. */
  readonly given: Readonly<Record<string, unknown>>
  readonly config: object
}

async function consider(
  context: JobContext,
  { family, given, config: set }: FamilySetUp,
  split: InteractionsSplit,
  content: ItemContent | undefined,
  trials: number,
): Promise<ConsideredFamily> {
  const started = performance.now()
  const epochs: Readonly<Record<string, number>>[] = []
  const label = `${family.name}: choosing`
  const dataset = { ...datasetOf(split.train, content), validation: split.validation }
  const environment = environmentOf(context, label)
  const search = await searchFamily(context, family, dataset, given, trials, environment)
  const config = { ...set, ...search?.best.settings }
  const fitted = await fitFamily(family, dataset, config, {
    ...environment,
    checkpointFile: join(context.workDir, `${family.name}.checkpoint`),
    onEpoch(epoch, figures) {
      epochs.push(figures)
      context.tracker.metrics(
        Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${family.name}/${name}`, value])),
        epoch,
      )
    },
  })
  try {
    if (fitted.serving === undefined) {
      throw new AppError('DATA_INSUFFICIENT', `it cannot be served; measure it with \`contentflow bench\`.`)
    }
    const judged = await judge(fitted, split.train, split.validation, context.signal)
    context.progress.done(label)
    const seconds = (performance.now() - started) / 1000
    const chosen = { ...config, ...fitted.chosen }
    const ndcg = mean(judged.perUser['ndcg@10']!)
    return { family, config: chosen, judged, ndcg, seconds, epochs, ...(search && { search }) }
  } finally {
    fitted.close()
  }
}

/** The winner, fitted for good. */
export function fitFinal(
  context: JobContext,
  { family, config }: ConsideredFamily,
  interactions: Interactions,
  content: ItemContent | undefined,
): Promise<FittedRecommender> {
  return fitFamily(family, datasetOf(interactions, content), config, {
    ...environmentOf(context, `${family.name}: final`),
    checkpointFile: join(context.workDir, 'final.checkpoint'),
    onEpoch: (epoch, figures) =>
      context.tracker.metrics(
        Object.fromEntries(Object.entries(figures).map(([name, value]) => [`final/${name}`, value])),
        epoch,
      ),
  })
}

const datasetOf = (interactions: Interactions, content: ItemContent | undefined): RecommenderDataset =>
  content === undefined ? { interactions } : { interactions, content }
