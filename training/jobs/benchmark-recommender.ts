import process from 'node:process'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Progress } from '../../progress.ts'
import { openBackend, type TfBackendName } from '../backend/select-backend.ts'
import { fitItemKnn } from '../classical/item-knn.ts'
import { defaultNextItem, fitNextItem } from '../classical/next-item.ts'
import { fitPopularity } from '../classical/popularity.ts'
import type { Recommender } from '../classical/recommender.ts'
import { type GivenSplit, joinSplit, withHeldOut } from '../datasets/given-split.ts'
import { readSequenceFile } from '../datasets/sequence-file.ts'
import { rankUsers } from '../evaluation/rank-users.ts'
import { rankingMetrics } from '../evaluation/ranking-metrics.ts'
import { NeuMfRecommender } from '../networks/neu-mf-recommender.ts'
import { trainNeuMf } from '../networks/train-neu-mf.ts'
import { parseSettings } from './job-config.ts'
import { neuMfConfigSchema } from './neu-mf-config.ts'

export const benchmarkModels = ['popularity', 'item-knn', 'next-item', 'gmf', 'mlp', 'neu-mf'] as const
type BenchmarkModel = (typeof benchmarkModels)[number]

export interface BenchmarkRequest {
  readonly train: string
  readonly valid: string | undefined
  readonly test: string
  readonly model: string
  /** Each `name@k`. */
  readonly metrics: readonly string[]
  readonly seed: number
  /** Options of the model, as text. */
  readonly settings: Readonly<Record<string, string>>
  readonly backend: TfBackendName | 'auto'
  readonly log: Logger
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface BenchmarkResult {
  readonly model: string
  readonly users: number
  readonly items: number
  readonly interactions: number
  readonly unjudged: number
  readonly metrics: Readonly<Record<string, number>>
  readonly fitSeconds: number
  readonly rankSeconds: number
  /** Most memory the process held, MB. */
  readonly peakMb: number
}

/** Options that read times as seconds. */
const ofTime = ['halfLifeDays', 'popularityHalfLifeDays', 'recencyHalfLifeDays', 'timeAwareNegatives']

/** Options of the classical models. */
const classicalOptions = {
  popularity: z.object({}),
  'item-knn': z.object({ k: z.number().int().min(1).default(20) }),
  'next-item': z.object({
    window: z.number().int().min(1).default(defaultNextItem.window),
    popularityDamping: z.number().min(0).max(1).default(defaultNextItem.popularityDamping),
    decay: z.number().positive().max(1).default(defaultNextItem.decay),
    lastItems: z.number().int().min(1).default(defaultNextItem.lastItems),
  }),
}

/** Options of the networks: those of `train neu-mf`, but for what the given files and `--model` decide. */
const networkOptions = neuMfConfigSchema.omit({
  effort: true,
  variant: true,
  recencyHalfLifeDays: true,
  timeAwareNegatives: true,
  refit: true,
  split: true,
  minRating: true,
  minInteractions: true,
  knnNeighbours: true,
  popularityHalfLifeDays: true,
  judgedUsers: true,
})

/**
 * Fits one model on a published split, and judges it by full ranking over all items outside the training history.
 *
 * With a validation file a network chooses its epochs on it; then every model is fitted on training and validation together.
 *
 * @throws AppError CONFIG_INVALID for an unknown model, metric or option; INPUT_INVALID for a file, naming the line
 */
export async function benchmarkRecommender(request: BenchmarkRequest): Promise<BenchmarkResult> {
  const model = benchmarkModels.find((name) => name === request.model)
  if (model === undefined) {
    throw new AppError('CONFIG_INVALID', `--model is ${request.model}; expected one of ${benchmarkModels.join(', ')}.`)
  }
  const metrics = request.metrics.map(parseMetric)
  refuseTimes(request.settings)
  const [train, valid, test] = await Promise.all([
    readSequenceFile(request.train),
    request.valid === undefined ? undefined : readSequenceFile(request.valid),
    readSequenceFile(request.test),
  ])
  const split = joinSplit(train, valid, test)
  const whole = split.validation === undefined ? split.train : withHeldOut(split.train, split.validation)

  const started = performance.now()
  const recommender = await fitModel(model, split, whole, request)
  const fittedAt = performance.now()
  const lists = rankUsers(recommender, whole, split.test, Math.max(...metrics.map(({ k }) => k)))
  const rankedAt = performance.now()
  recommender.close?.()
  const relevant = split.test.items.map((items) => new Set(items))
  return {
    model,
    users: split.test.users.length,
    items: whole.items.length,
    interactions: whole.itemIndices.length,
    unjudged: split.unjudged,
    metrics: Object.fromEntries(
      metrics.map(({ name, k }) => {
        const sum = lists.reduce((total, list, i) => total + rankingMetrics[name]!(list, relevant[i]!, k), 0)
        return [`${name}@${k}`, sum / lists.length]
      }),
    ),
    fitSeconds: (fittedAt - started) / 1000,
    rankSeconds: (rankedAt - fittedAt) / 1000,
    // Node gives the greatest resident size in KB on every platform.
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

type Fitted = Recommender & { readonly close?: () => void }

async function fitModel(
  model: BenchmarkModel,
  split: GivenSplit,
  whole: GivenSplit['train'],
  request: BenchmarkRequest,
): Promise<Fitted> {
  const { settings } = request
  switch (model) {
    case 'popularity':
      parseSettings(model, classicalOptions[model], settings)
      return fitPopularity(whole, { halfLifeDays: Number.POSITIVE_INFINITY })
    case 'item-knn':
      return fitItemKnn(whole, parseSettings(model, classicalOptions[model], settings))
    case 'next-item':
      return fitNextItem(whole, parseSettings(model, classicalOptions[model], settings))
    default:
      return fitNetwork(model, split, whole, request)
  }
}

async function fitNetwork(
  variant: 'gmf' | 'mlp' | 'neu-mf',
  split: GivenSplit,
  whole: GivenSplit['train'],
  request: BenchmarkRequest,
): Promise<Fitted> {
  const given = parseSettings(variant, networkOptions, request.settings)
  const config = { ...neuMfConfigSchema.parse({}), ...given, variant }
  const { tf } = await openBackend({ prefer: request.backend, log: request.log })
  const { log, progress, signal, seed } = request
  const environment = { tf, log, progress, signal, resume: false }
  const shape = { ...config, userCount: whole.users.length, itemCount: whole.items.length }
  const options = { ...config, seed }
  if (split.validation === undefined) {
    const { weights } = await trainNeuMf(whole, undefined, shape, options, { ...environment, label: variant })
    return new NeuMfRecommender(tf, weights)
  }
  const { bestEpoch } = await trainNeuMf(split.train, split.validation, shape, options, {
    ...environment,
    label: `${variant}: search`,
  })
  const refit = await trainNeuMf(
    whole,
    undefined,
    shape,
    { ...options, epochs: bestEpoch },
    { ...environment, label: `${variant}: final` },
  )
  return new NeuMfRecommender(tf, refit.weights)
}

function refuseTimes(settings: BenchmarkRequest['settings']): void {
  const found = ofTime.filter((option) => Object.hasOwn(settings, option))
  if (found.length === 0) return
  throw new AppError(
    'CONFIG_INVALID',
    `bench recommend has no ${found.join(', ')}: a published split has positions for times, or times of a unit nobody knows. Leave it out, or import the data and use \`contentflow train neu-mf\`.`,
    { details: { found } },
  )
}

function parseMetric(text: string): { name: string; k: number } {
  const [name, k] = text.split('@')
  if (name !== undefined && Object.hasOwn(rankingMetrics, name) && /^[1-9]\d{0,5}$/.test(k ?? ''))
    return { name, k: Number(k) }
  throw new AppError(
    'CONFIG_INVALID',
    `--metrics holds ${JSON.stringify(text)}; expected ${Object.keys(rankingMetrics).join('@k, ')}@k with k from 1, e.g. recall@20.`,
  )
}
