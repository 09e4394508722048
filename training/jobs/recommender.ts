import { createHash } from 'node:crypto'
import { AppError } from '../../errors.ts'
import { fitItemKnn } from '../classical/item-knn.ts'
import { defaultNextItem, fitNextItem } from '../classical/next-item.ts'
import { fitPopularity } from '../classical/popularity.ts'
import type { Interactions } from '../datasets/interactions.ts'
import {
  assertNoLeak,
  type InteractionsSplit,
  sampleHeldOut,
  splitByTime,
  splitLeaveLast,
} from '../datasets/interactions-split.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { readMartItemContent } from '../datasets/mart-item-content.ts'
import { readInteractions } from '../datasets/read-interactions.ts'
import { type JudgedRecommender, judge, metricRows } from '../evaluation/judge-recommenders.ts'
import type { Scorable } from '../evaluation/score-users.ts'
import { type ServingNetwork, unknownUser } from '../families/family.ts'
import { considerFamilies, type FoundRecommender, fitFinal } from './choose-family.ts'
import { openImportedFactors } from './import-factors.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { consideredFamilies, type RecommenderConfig, recommenderConfigSchema } from './recommender-config.ts'
import { gateRecommender } from './recommender-gate.ts'
import { evaluateOtherRecommender } from './recommender-other.ts'
import { goldenBatch, networkPorts, retrievalArrays, vocabularyFile } from './recommender-payload.ts'
import { recommenderReport } from './recommender-report.ts'

/** Validation needs the order of models, not their exact figures: this many users give it. */
const validationUsers = 2000
/** Whom models are judged on is drawn with this, not with the seed of a run: a seed must not choose its own judges. */
const judgedUsersSeed = 20_231
const minimum = { interactions: 100, items: 20, judgedUsers: 10 }

/**
 * The recommender: every family is fitted on the training part, the best on each user's second-last item is fitted again with it, and judged
 * once on the last one. Which family that is nobody says beforehand.
 */
export const recommenderJob: TrainingJob<RecommenderConfig> = {
  name: 'recommender',
  description:
    'Recommender: the best of all families on held-out interactions, with popular, similar and next-item lists.',
  config: recommenderConfigSchema,
  run: runRecommender,
}

const judging = 'recommender: judging'

async function runRecommender(context: JobContext, config: RecommenderConfig): Promise<TrainedModel> {
  const synthetic = await isSynthetic(context.source)
  const quick = config.effort === 'quick' || (config.effort === 'auto' && synthetic)
  if (quick)
    context.log.info({ effort: config.effort, synthetic }, 'quick training; --set effort=full for the whole of it')
  const imported = config.factors === null ? undefined : await openImportedFactors(config.factors, config)
  const all = await readInteractions(context.source, { ...config, ...imported?.reading, firstOnly: true })
  const split = splitData(all, config, context.seed)
  recordDatasets(context, split)
  const found = imported === undefined ? await chooseFamily(context, config, split, quick) : await imported.load(split)
  const { fitted, name, orderAware, considered, leftOut } = found
  try {
    const network = fitted.serving!()
    const served = asServed(fitted.name, network)
    context.progress.update(judging, 0, 4, name)
    const model = await judge(served, split.trainAndValidation, split.test, context.signal)
    const baselines = await judgeBaselines(context, config, name, split)
    context.progress.done(judging, `${split.test.users.length} users, all ${all.items.length} items`)
    const metrics = metricRows(
      model,
      baselines,
      { fitted: split.trainAndValidation, heldOut: split.test },
      context.seed,
    )
    return {
      network: network.onnx,
      golden: goldenBatch(network, split.trainAndValidation),
      arrays: retrievalArrays(all, { halfLifeDays: halfLifeOf(config), nextItem: defaultNextItem }),
      json: vocabularyFile(all),
      manifest: {
        backend: context.backend,
        synthetic,
        data: { rows: all.itemIndices.length, ...spanOf(all), split: split.name },
        config: { ...config, family: name, [name]: found.config },
        featureService: null,
        ...networkPorts(network),
      },
      metrics,
      gate: gateRecommender(model, baselines, orderAware, context.seed),
      report: async () =>
        recommenderReport({
          name,
          metrics,
          considered,
          leftOut,
          fitted: split.trainAndValidation,
          heldOut: split.test,
          judged: [model, ...baselines],
          seed: context.seed,
          notes: notes(all, split, config),
        }),
      evaluateOther: (dir, scorer) => evaluateOtherRecommender(dir, scorer, split.trainAndValidation, split.test),
    }
  } finally {
    fitted.close()
  }
}

/** The best family on the validation part, fitted for good. */
async function chooseFamily(
  context: JobContext,
  config: RecommenderConfig,
  split: InteractionsSplit,
  quick: boolean,
): Promise<FoundRecommender> {
  const content = await readMartItemContent(context.source, split.train.items)
  const names = consideredFamilies(config, quick)
  const { considered, leftOut } = await considerFamilies(context, names, split, content, config.trials)
  const best = considered[0]
  const fitted = await fitFinal(context, best, config.refit ? split.trainAndValidation : split.train, content)
  const { name, orderAware } = best.family
  return { fitted, name, orderAware, config: best.config, considered, leftOut }
}

/** What is judged is what will be served: a network over histories knows nobody by their index. */
function asServed(name: string, { score, historyLength, catalogue }: ServingNetwork): Scorable {
  const many = catalogue?.scoreMany
  return {
    name,
    score: (user, history, scores) => score(historyLength === undefined ? user : unknownUser, history, scores),
    ...(many && { scoreMany: (_users, histories, scores) => many(histories, scores) }),
  }
}

const halfLifeOf = ({ popularityHalfLifeDays }: RecommenderConfig): number =>
  popularityHalfLifeDays ?? Number.POSITIVE_INFINITY

/** Popularity, item-kNN and next-item on the test part; the winner is no baseline of its own. */
async function judgeBaselines(
  context: JobContext,
  config: RecommenderConfig,
  model: string,
  { trainAndValidation, test }: InteractionsSplit,
): Promise<JudgedRecommender[]> {
  const baselines = [
    () => fitPopularity(trainAndValidation, { halfLifeDays: halfLifeOf(config) }),
    () => fitItemKnn(trainAndValidation, { k: config.knnNeighbours }),
    () => fitNextItem(trainAndValidation, defaultNextItem),
  ]
  const judged: JudgedRecommender[] = []
  for (const [index, fitBaseline] of baselines.entries()) {
    context.progress.update(judging, index + 1, 4, 'the baselines')
    judged.push(await judge(fitBaseline(), trainAndValidation, test, context.signal))
  }
  return judged.filter(({ name }) => name !== model)
}

function splitData(all: Interactions, config: RecommenderConfig, seed: number): InteractionsSplit {
  const whole =
    config.split === 'time' ? splitByTime(all, { validationShare: 0.1, testShare: 0.1 }) : splitLeaveLast(all)
  assertNoLeak(whole.train, whole.validation, all)
  assertNoLeak(whole.trainAndValidation, whole.test, all)
  const got = { interactions: all.itemIndices.length, items: all.items.length, judgedUsers: whole.test.users.length }
  for (const name of ['interactions', 'items', 'judgedUsers'] as const) {
    if (got[name] >= minimum[name]) continue
    throw new AppError(
      'DATA_INSUFFICIENT',
      `recommender has ${got[name]} ${name}, expected at least ${minimum[name]}; judged users need three interactions each. Import more interactions, or lower minInteractions (${config.minInteractions}).`,
      { details: { got, minimum } },
    )
  }
  return {
    ...whole,
    validation: sampleHeldOut(whole.validation, validationUsers, seed),
    test: sampleHeldOut(whole.test, config.judgedUsers, judgedUsersSeed),
  }
}

function recordDatasets({ tracker }: JobContext, { train, validation, test }: InteractionsSplit): void {
  const digest = (array: Int32Array): string =>
    createHash('sha256')
      .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
      .digest('hex')
      .slice(0, 16)
  tracker.dataset('fct_interactions', 'training', train.itemIndices.length, digest(train.itemIndices))
  tracker.dataset('fct_interactions', 'validation', validation.users.length, digest(validation.users))
  tracker.dataset('fct_interactions', 'test', test.users.length, digest(test.users))
}

function spanOf({ times }: Interactions): { from: number | null; to: number | null } {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const time of times) {
    from = Math.min(from, time)
    to = Math.max(to, time)
  }
  return Number.isFinite(from) && Number.isFinite(to) ? { from, to } : { from: null, to: null }
}

function notes(all: Interactions, split: InteractionsSplit, { refit, factors }: RecommenderConfig): string[] {
  const heldOut =
    split.name === 'time'
      ? 'The last tenth of time is held out for everyone, the tenth before it is the validation.'
      : "Each user's last item is held out, the second-last is the validation."
  const size = `${all.users.length} users, ${all.items.length} items, ${all.itemIndices.length} interactions`
  const how =
    factors === null
      ? `Families are compared on the validation part. The best was ${refit ? 'fitted again with it' : 'not fitted again with it'}`
      : 'The factors were fitted elsewhere on training and validation part'
  return [
    `${size}; an item counts once per user, at its first interaction. ${heldOut}`,
    `${how}, and judged once on the test part, in the form in which it is served; baselines are fitted on training and validation part.`,
    'A family that knows the order of a history must beat next-item as well as popularity and item-kNN; one that does not is not asked to.',
  ]
}
