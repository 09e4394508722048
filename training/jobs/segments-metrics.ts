import type { Estimate, MetricRow } from '../../models/artifact/manifest.ts'
import { createRandom } from '../backend/random.ts'
import { stability } from '../estimators/segment-stability.ts'
import { assign, fitCentroids, fitProjection, project } from '../estimators/segmentation.ts'
import { explainedVariance, silhouette } from '../evaluation/silhouette.ts'

/**
 * Whom models are measured on and beside what is drawn with this, never with the seed of a run: a seed must not be able to choose
 * the exam that its own model sits.
 */
export const examSeed = 20_231

/** Share of variance that the space keeps in which models are measured; a model's own components may keep more or less. */
const examVariance = 0.85

/** Most users of whom all pairwise distances are taken for a silhouette. */
export const silhouetteUsers = 600

/** The users of both parts in the principal components of those to fit. */
export interface Space {
  readonly projection: ReturnType<typeof fitProjection>
  readonly width: number
  readonly fit: Float64Array
  readonly held: Float64Array
}

/**
 * @param fit      `[users, features]`, standardised, row-major, as is `held`
 * @param variance share of variance that the components keep
 */
export function fitSpace(fit: Float64Array, held: Float64Array, features: number, variance: number): Space {
  const projection = fitProjection(fit, features, variance)
  return { projection, width: projection.kept, fit: project(projection, fit), held: project(projection, held) }
}

/** Where segments are measured, the same for every model: a property of the data alone. */
export interface Exam {
  readonly space: Space
  /** The same users with each feature shuffled on its own: what k-means finds where there is no structure. */
  readonly empty: Space
}

/**
 * @param z        standardised features of all users, `[users, width]`, row-major
 * @param fitRows  users that segments are found again from
 * @param heldRows users whose segments are judged
 */
export function segmentsExam(z: Float64Array, width: number, fitRows: Int32Array, heldRows: Int32Array): Exam {
  const shuffled = new Float64Array(z.length)
  for (let f = 0; f < width; f++) {
    const order = Int32Array.from({ length: z.length / width }, (_, i) => i)
    createRandom(examSeed).fork(`null-${f}`).shuffle(order)
    order.forEach((from, to) => {
      shuffled[to * width + f] = z[from * width + f]!
    })
  }
  const spaceOf = (values: Float64Array): Space =>
    fitSpace(rowsOf(values, width, fitRows), rowsOf(values, width, heldRows), width, examVariance)
  return { space: spaceOf(z), empty: spaceOf(shuffled) }
}

/**
 * Stability, silhouette and explained variance of the held-out users' segments, beside those of a space without structure and of a
 * partition by chance.
 *
 * @param held segment of each held-out user
 */
export function segmentMetrics({ space, empty }: Exam, held: Int32Array, k: number): [MetricRow, ...MetricRow[]] {
  const random = createRandom(examSeed).fork('partition')
  const chance = held.map(() => random.int(k))
  const emptyHeld = assign(empty.held, empty.width, fitCentroids(empty.fit, empty.width, k, examSeed)).cluster
  const sample = Math.min(held.length, silhouetteUsers)
  const tightness = (s: Space, cluster: Int32Array): Estimate =>
    alone(silhouette(s.held.subarray(0, sample * s.width), s.width, cluster.subarray(0, sample)))
  const row = (metric: string, model: Estimate, permuted: Estimate, byChance: Estimate): MetricRow => ({
    metric,
    higherIsBetter: true,
    model,
    baselines: Object.fromEntries(
      Object.entries({ 'permuted features': permuted, 'random partition': byChance }).filter(([, e]) =>
        Number.isFinite(e.value),
      ),
    ),
  })
  const rows: [MetricRow, ...MetricRow[]] = [
    row(
      'stability (adjusted Rand index)',
      ofRefits(stability(space.fit, space.held, space.width, held, k)),
      ofRefits(stability(empty.fit, empty.held, empty.width, emptyHeld, k)),
      ofRefits(stability(space.fit, space.held, space.width, chance, k)),
    ),
    row('silhouette', tightness(space, held), tightness(empty, emptyHeld), tightness(space, chance)),
    row(
      'explained variance',
      alone(explainedVariance(space.held, space.width, held)),
      alone(explainedVariance(empty.held, empty.width, emptyHeld)),
      alone(explainedVariance(space.held, space.width, chance)),
    ),
  ]
  return [rows[0], ...rows.slice(1).filter(({ model }) => Number.isFinite(model.value))]
}

const alone = (value: number): Estimate => ({ value, low: null, high: null })

/** Mean over refits, and the least and the largest of them. */
const ofRefits = (values: readonly number[]): Estimate => ({
  value: values.reduce((sum, value) => sum + value, 0) / values.length,
  low: Math.min(...values),
  high: Math.max(...values),
})

/** `[rows, width]` */
export const rowsOf = (values: Float64Array, width: number, rows: Int32Array): Float64Array =>
  Float64Array.from(
    { length: rows.length * width },
    (_, at) => values[rows[Math.floor(at / width)]! * width + (at % width)]!,
  )
