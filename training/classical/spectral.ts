import { z } from 'zod'
import { PackedRows } from '../backend/packed-rows.ts'
import { createRandom } from '../backend/random.ts'
import type { Interactions } from '../datasets/interactions.ts'
import { type HeldOut, sampleHeldOut } from '../datasets/interactions-split.ts'
import { holdOutAtRandom } from '../datasets/random-hold-out.ts'
import { meanNdcg } from '../evaluation/mean-ndcg.ts'
import type { FitEnvironment, RecommenderFamily } from '../families/family.ts'
import { rightSingularVectors } from '../linear-algebra/right-singular-vectors.ts'
import type { SparseMatrix } from './sparse-matrix.ts'
import { type FilterSettings, spectrumOf } from './spectral-filter.ts'
import { spectralGraph } from './spectral-graph.ts'
import { type SpectralParts, spectralModel } from './spectral-model.ts'
import { userItemMatrix } from './user-item-matrix.ts'

const configSchema = z.object({
  factors: z.number().int().min(1).max(1024).default(256).describe('eigenvectors that are filtered exactly'),
  ideal: z.number().min(0).max(10).nullable().default(null).describe('weight of the ideal low-pass; null: chosen'),
  idealFactors: z
    .number()
    .int()
    .min(1)
    .max(1024)
    .nullable()
    .default(null)
    .describe('eigenvectors that the ideal low-pass lets through, at most `factors`; null: chosen'),
  sharpening: z.number().min(0).max(3).nullable().default(null).describe('time of sharpening; null: chosen'),
  neighbours: z.number().int().min(1).default(1000).describe('closest items kept for each item'),
  rounds: z.number().int().min(1).max(20).default(8).describe('products with the matrix while its vectors are found'),
})
type SpectralOptions = z.infer<typeof configSchema>

/** Around what the papers found best for Gowalla (0.2, 2.5), Yelp (0.3, 1.2) and Amazon (no ideal low-pass, 2.2). */
const idealTried = [0, 0.1, 0.2, 0.4]
/** Tried one after the other while each is better than all before it. */
const moreIdeal = [0.8, 1.6, 3.2]
const sharpeningTried = [0, 1.2, 2.5]
const idealFactorsTried = [64, 128, 256]
/** What the others are chosen beside, until their turn comes. */
const first = { ideal: 0.2, idealFactors: 256 }
/** The model may lack this share of the interactions: what the choice was made by. */
const mostMissing = 0.01
/** Rough vectors are good enough to choose by, where they are found again afterwards. */
const roundsToChoose = 4
const judgedUsers = 800
const judgedDepth = 20

/**
 * Graph filters: with R̃ = D_U^(−½)·R·D_I^(−½), P̃ = R̃ᵀ·R̃ and V its first eigenvectors, the scores of a history r are
 * (r·P̃ + β·r·D_I^(−½)·V·Vᵀ·D_I^½)·φ_T(P̃): a neighbourhood, an ideal low-pass (GF-CF, Shen et al. 2021, eq. 8) and sharpening (BSPM,
 * Choi et al. 2023, with early merge). No gradient training.
 *
 * β, T and how many vectors the ideal low-pass lets through are chosen by NDCG@20 on the validation part, or, where there is none, on a
 * fifth of some histories held out. Where that is next to nothing of all interactions, the spectrum found without it stays the model's.
 */
export const spectralFamily: RecommenderFamily<SpectralOptions> = {
  name: 'spectral',
  description: 'Filters of the graph of users and items: neighbourhood, ideal low-pass and sharpening (GF-CF, BSPM).',
  orderAware: false,
  config: configSchema,
  searchSpace: { factors: { values: [64, 128, 256, 384] }, ideal: { from: 0, to: 2, scale: 'linear' } },
  // Closeness; V, both halves of what histories are multiplied by, and as much again while they are found; the products with R̃.
  estimateBytes: ({ users, items, interactions }, { factors, neighbours }) =>
    8 * items * Math.min(items, neighbours) + 4 * factors * (10 * items + 2 * users) + 60 * interactions,
  fit: async ({ interactions, validation }, config, environment) => {
    environment.signal.throwIfAborted()
    const given = givenSettings(config)
    if (given !== undefined) return spectralModel(await decompose(interactions, config, environment), given)
    const held = hold(interactions, validation, environment.seed)
    const whole = held.missing <= mostMissing
    const rough = whole ? config : { ...config, rounds: roundsToChoose }
    const parts = await decompose(held.fitted, rough, environment)
    const settings = await choose(parts, held, config, environment)
    return spectralModel(whole ? parts : await decompose(interactions, config, environment), settings)
  },
  load: async ({ json, arrays }) => {
    const { factors, ...settings } = savedSchema.parse(json)
    const { offsets, columns, values } = arrays
    const degrees = arrays.degrees as Float64Array
    const vectors = { rows: degrees.length, columns: factors, values: arrays.vectors as Float32Array }
    return spectralModel(
      {
        closeness: PackedRows.pack({ offsets, columns, values } as SparseMatrix),
        spectrum: await spectrumOf({ vectors, squares: arrays.squares as Float64Array }, degrees),
      },
      settings,
    )
  },
}

const savedSchema = z.object({
  ideal: z.number(),
  idealFactors: z.number(),
  sharpening: z.number(),
  factors: z.number(),
})

async function decompose(
  interactions: Interactions,
  { factors, neighbours, rounds }: SpectralOptions,
  { seed, signal }: FitEnvironment,
): Promise<SpectralParts> {
  const items = interactions.items.length
  const { normalised, degrees } = spectralGraph(userItemMatrix(interactions), items)
  const random = createRandom(seed).fork('spectral')
  const singular = await rightSingularVectors(normalised, items, factors, rounds, random, signal)
  const closeness = await PackedRows.products(normalised, items, neighbours, signal)
  return { closeness, spectrum: await spectrumOf(singular, degrees) }
}

function givenSettings({ ideal, idealFactors, sharpening }: SpectralOptions): FilterSettings | undefined {
  if (ideal === null || idealFactors === null || sharpening === null) return undefined
  return { ideal, idealFactors, sharpening }
}

interface HeldBack {
  readonly fitted: Interactions
  readonly judged: HeldOut
  /** Share of the interactions that `fitted` lacks. */
  readonly missing: number
}

function hold(interactions: Interactions, validation: HeldOut | undefined, seed: number): HeldBack {
  const all = interactions.itemIndices.length
  if (validation !== undefined) {
    return { fitted: interactions, judged: sampleHeldOut(validation, judgedUsers, seed), missing: 0 }
  }
  const { fitted, heldOut } = holdOutAtRandom(interactions, 0.2, seed, judgedUsers)
  return { fitted, judged: heldOut, missing: 1 - fitted.itemIndices.length / Math.max(1, all) }
}

async function choose(
  parts: SpectralParts,
  { fitted, judged }: HeldBack,
  { ideal, idealFactors, sharpening, factors }: SpectralOptions,
  { log, signal }: FitEnvironment,
): Promise<FilterSettings> {
  const figures = new Map<string, number>()
  const judge = async (settings: FilterSettings): Promise<number> => {
    signal.throwIfAborted()
    const key = JSON.stringify(settings)
    const known = figures.get(key)
    if (known !== undefined) return known
    const model = spectralModel(parts, settings)
    const ndcg = await meanNdcg(model, fitted, judged, judgedDepth, signal)
    figures.set(key, ndcg)
    log.debug({ ...settings, ndcg }, 'spectral: a setting was judged')
    return ndcg
  }
  let settings: FilterSettings = {
    ideal: ideal ?? first.ideal,
    idealFactors: idealFactors ?? first.idealFactors,
    sharpening: sharpening ?? 0,
  }
  if (judged.users.length === 0) return settings
  // One after the other: how many pass and how long to sharpen depend little on each other.
  for (const { name, given, tried, further } of [
    { name: 'idealFactors', given: idealFactors, tried: idealFactorsTried.filter((i) => i <= factors), further: [] },
    { name: 'sharpening', given: sharpening, tried: sharpeningTried, further: [] },
    { name: 'ideal', given: ideal, tried: idealTried, further: moreIdeal },
  ]) {
    if (given !== null || tried.length === 0) continue
    const value = await bestOf(tried, further, (candidate) => judge({ ...settings, [name]: candidate }))
    settings = { ...settings, [name]: value }
  }
  return settings
}

/** The value of the greatest figure, the first one among equals; those further on as long as each beats all before it. */
async function bestOf(
  values: readonly number[],
  further: readonly number[],
  figure: (value: number) => Promise<number>,
): Promise<number> {
  let best = { value: values[0]!, figure: Number.NEGATIVE_INFINITY }
  let edge = values.at(-1)!
  for (const [i, value] of [...values, ...further].entries()) {
    if (i >= values.length && best.value !== edge) break
    const its = await figure(value)
    if (its > best.figure) best = { value, figure: its }
    edge = value
  }
  return best.value
}
