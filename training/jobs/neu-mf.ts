import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import { openBackend, type TfBackend } from '../backend/select-backend.ts'
import { fitItemKnn } from '../classical/item-knn.ts'
import { defaultNextItem, fitNextItem } from '../classical/next-item.ts'
import { fitPopularity } from '../classical/popularity.ts'
import { type Interactions, readInteractions } from '../datasets/interactions.ts'
import {
  assertNoLeak,
  type InteractionsSplit,
  sampleHeldOut,
  splitByTime,
  splitLeaveLast,
} from '../datasets/interactions-split.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { type JudgedRecommender, judge, metricRows } from '../evaluation/judge-recommenders.ts'
import { exportNeuMf } from '../export/neu-mf-onnx.ts'
import type { NeuMfShape } from '../networks/neu-mf.ts'
import { NeuMfRecommender } from '../networks/neu-mf-recommender.ts'
import { type TrainedNeuMf, trainNeuMf } from '../networks/train-neu-mf.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import { type NeuMfConfig, neuMfConfigSchema, quickConfig } from './neu-mf-config.ts'
import { gateNeuMf } from './neu-mf-gate.ts'
import { evaluateOtherNeuMf } from './neu-mf-other.ts'
import { goldenBatch, retrievalArrays, vocabularyFile } from './neu-mf-payload.ts'
import { neuMfReport } from './neu-mf-report.ts'

/** Validation needs the order of models, not their exact figures: this many users give it. */
const validationUsers = 2000
/** Whom models are judged on is drawn with this, not with the seed of a run: a seed must not choose its own judges. */
const judgedUsersSeed = 20_231
const minimum = { interactions: 100, items: 20, judgedUsers: 10 }

/**
 * Neural collaborative filtering (He et al. 2017): who interacts with what.
 *
 * The number of epochs is chosen on each user's second-last item, the network is trained again with it, and judged once on the last one.
 */
export const neuMfJob: TrainingJob<NeuMfConfig> = {
  name: 'neu-mf',
  description:
    'Recommender: neural matrix factorisation over the interactions, with popular, similar and next-item lists.',
  config: neuMfConfigSchema,
  run: runNeuMf,
}

const judging = 'neu-mf: judging'

async function runNeuMf(context: JobContext, given: NeuMfConfig): Promise<TrainedModel> {
  const synthetic = await isSynthetic(context.source)
  const isQuick = given.effort === 'quick' || (given.effort === 'auto' && synthetic)
  const config = isQuick ? quickConfig(given) : given
  if (isQuick)
    context.log.info({ effort: given.effort, synthetic }, 'quick training; --set effort=full for the whole of it')
  const all = await readInteractions(context.source, { ...config, firstOnly: true })
  const split = splitData(all, config, context.seed)
  recordDatasets(context, split)
  const backend = await openBackend({ prefer: context.backend, log: context.log })
  const shape: NeuMfShape = { ...config, userCount: all.users.length, itemCount: all.items.length }
  const searched = await search(context, config, backend, shape, split)
  const trained = config.refit ? await refit(context, config, backend, shape, split, searched.bestEpoch) : searched
  const fitted = config.refit ? split.trainAndValidation : split.train

  const recommender = new NeuMfRecommender(backend.tf, trained.weights)
  try {
    const halfLifeDays = config.popularityHalfLifeDays ?? Number.POSITIVE_INFINITY
    context.progress.update(judging, 0, 4, 'the network')
    const model = await judge(recommender, fitted, split.test, context.signal)
    const baselines: JudgedRecommender[] = []
    for (const fitBaseline of [
      () => fitPopularity(split.trainAndValidation, { halfLifeDays }),
      () => fitItemKnn(split.trainAndValidation, { k: config.knnNeighbours }),
      () => fitNextItem(split.trainAndValidation, defaultNextItem),
    ]) {
      context.progress.update(judging, baselines.length + 1, 4, 'the baselines')
      baselines.push(await judge(fitBaseline(), split.trainAndValidation, split.test, context.signal))
    }
    context.progress.done(judging, `${split.test.users.length} users, all ${all.items.length} items`)
    const metrics = metricRows(model, baselines, all.items.length, context.seed)
    const gate = gateNeuMf(model, baselines, context.seed)
    return {
      network: exportNeuMf(trained.weights),
      golden: goldenBatch(recommender, all),
      arrays: retrievalArrays(all, { halfLifeDays, nextItem: defaultNextItem }),
      json: vocabularyFile(all),
      manifest: {
        backend: backend.name,
        synthetic,
        data: { rows: all.itemIndices.length, ...spanOf(all), split: split.name },
        config: { ...config, trainedEpochs: trained.history.length },
        featureService: null,
        inputs: [
          { name: 'user', dtype: 'int32', shape: [-1] },
          { name: 'item', dtype: 'int32', shape: [-1] },
        ],
        outputs: [{ name: 'score', dtype: 'float32', shape: [-1] }],
      },
      metrics,
      gate,
      report: neuMfReport({
        metrics,
        history: searched.history,
        bestEpoch: searched.bestEpoch,
        fitted: split.trainAndValidation,
        heldOut: split.test,
        judged: [model, ...baselines],
        notes: notes(all, split, config, backend),
      }),
      evaluateOther: (dir, scorer) => evaluateOtherNeuMf(dir, scorer, split.trainAndValidation, split.test),
    }
  } finally {
    recommender.close()
  }
}

function splitData(all: Interactions, config: NeuMfConfig, seed: number): InteractionsSplit {
  const whole =
    config.split === 'time' ? splitByTime(all, { validationShare: 0.1, testShare: 0.1 }) : splitLeaveLast(all)
  assertNoLeak(whole.train, whole.validation, all)
  assertNoLeak(whole.trainAndValidation, whole.test, all)
  const got = { interactions: all.itemIndices.length, items: all.items.length, judgedUsers: whole.test.users.length }
  for (const name of ['interactions', 'items', 'judgedUsers'] as const) {
    if (got[name] >= minimum[name]) continue
    throw new AppError(
      'DATA_INSUFFICIENT',
      `neu-mf has ${got[name]} ${name}, expected at least ${minimum[name]}; judged users need three interactions each. Import more interactions, or lower minInteractions (${config.minInteractions}).`,
      { details: { got, minimum } },
    )
  }
  return {
    ...whole,
    validation: sampleHeldOut(whole.validation, validationUsers, seed),
    test: sampleHeldOut(whole.test, config.judgedUsers, judgedUsersSeed),
  }
}

/** Finds the number of epochs, on the validation part. */
function search(
  context: JobContext,
  config: NeuMfConfig,
  backend: TfBackend,
  shape: NeuMfShape,
  split: InteractionsSplit,
): Promise<TrainedNeuMf> {
  const options = { ...config, seed: context.seed }
  return trainNeuMf(split.train, split.validation, shape, options, {
    ...context,
    tf: backend.tf,
    label: 'neu-mf: search',
    checkpointFile: join(context.workDir, 'search.checkpoint'),
    onEpoch: ({ epoch, loss, ndcg }) =>
      context.tracker.metrics({ 'train/loss': loss, 'validation/ndcg@10': ndcg ?? Number.NaN }, epoch),
  })
}

/** Trains afresh with the validation part, for the number of epochs found. */
function refit(
  context: JobContext,
  config: NeuMfConfig,
  backend: TfBackend,
  shape: NeuMfShape,
  split: InteractionsSplit,
  epochs: number,
): Promise<TrainedNeuMf> {
  const options = { ...config, epochs, seed: context.seed }
  return trainNeuMf(split.trainAndValidation, undefined, shape, options, {
    ...context,
    tf: backend.tf,
    label: 'neu-mf: final',
    checkpointFile: join(context.workDir, 'final.checkpoint'),
    onEpoch: ({ epoch, loss }) => context.tracker.metrics({ 'final/loss': loss }, epoch),
  })
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

function notes(all: Interactions, split: InteractionsSplit, config: NeuMfConfig, backend: TfBackend): string[] {
  const heldOut =
    split.name === 'time'
      ? 'The last tenth of time is held out for everyone, the tenth before it is the validation.'
      : "Each user's last item is held out, the second-last is the validation."
  const size = `${all.users.length} users, ${all.items.length} items, ${all.itemIndices.length} interactions`
  return [
    `${size}; an item counts once per user, at its first interaction. ${heldOut}`,
    config.refit
      ? 'The network was trained again with the validation part for the best number of epochs; baselines are fitted on the same part.'
      : 'The network has not seen the validation part, the baselines have: it is at a disadvantage.',
    'next-item knows the order of a history, the network does not: it is shown for honesty, and the gate does not ask for it.',
    `Trained on TF.js ${backend.name}: ${backend.reason}.`,
  ]
}
