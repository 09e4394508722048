import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { featureService } from '../../features/definitions/index.ts'
import { readArtifactJson } from '../../models/artifact/read-artifact.ts'
import { segmentsFiles, segmentsSchema } from '../../models/payloads/segments.ts'
import type { Scorer } from '../../models/scorer.ts'
import { readActiveUsers } from '../datasets/active-users.ts'
import { isSynthetic } from '../datasets/is-synthetic.ts'
import { stability } from '../estimators/segment-stability.ts'
import { assign, fitCentroids, project } from '../estimators/segmentation.ts'
import { judgeBaselines } from '../evaluation/baseline-gate.ts'
import { silhouette } from '../evaluation/silhouette.ts'
import { makeGolden } from '../export/golden.ts'
import { encodedWidth, encodeTabular, fitTabularEncoder, type TabularEncoder } from '../networks/tabular-encoder.ts'
import type { JobContext, TrainedModel, TrainingJob } from './job.ts'
import {
  examSeed,
  fitSpace,
  rowsOf,
  type Space,
  segmentMetrics,
  segmentsExam,
  silhouetteUsers,
} from './segments-metrics.ts'
import { segmentsOnnx } from './segments-onnx.ts'
import { describeSegments } from './segments-payload.ts'
import { segmentsReport } from './segments-report.ts'

const configSchema = z
  .strictObject({
    minSegments: z.number().int().min(2).max(50).default(3).describe('fewest segments tried'),
    maxSegments: z.number().int().min(2).max(50).default(10).describe('most segments tried'),
    variance: z.number().min(0.3).max(1).default(0.85).describe('share of variance that the principal components hold'),
    maxUsers: z
      .number()
      .int()
      .min(100)
      .max(1_000_000)
      .default(20_000)
      .describe('most users read; a random sample of more'),
    minUsers: z.number().int().min(30).default(60).describe('fewest active users to segment'),
  })
  .refine((c) => c.minSegments <= c.maxSegments, { path: ['minSegments'], message: 'expected at most maxSegments' })

export type SegmentsConfig = z.infer<typeof configSchema>

/** Groups the audience by what people do: principal components, k-means, names in plain words. */
export const segmentsJob: TrainingJob<SegmentsConfig> = {
  name: 'segments',
  description: 'Groups of people who use the content alike, from what they did in the last four weeks.',
  config: configSchema,
  run: trainSegments,
}

async function trainSegments(context: JobContext, config: SegmentsConfig): Promise<TrainedModel> {
  const { seed, source, offline, progress, signal } = context
  const synthetic = await isSynthetic(source)
  const audience = await readActiveUsers(source, config, examSeed)
  const service = featureService('segments')
  const features = await offline.historicalFeatures(service, {
    rowCount: audience.userIds.length,
    user: audience.userIds,
    at: new Float64Array(audience.userIds.length).fill(audience.at),
  })
  const names = service.fields.map(({ field }) => field.name)
  const width = names.length
  const { fitRows, heldRows } = splitPeople(audience.userIds)
  context.tracker.dataset('active-users', 'training', fitRows.length, String(audience.at))
  context.tracker.dataset('active-users-held-out', 'test', heldRows.length, String(audience.at))

  const encoder = fitTabularEncoder(features.numeric, width, fitRows, 1)
  const z = standardised(encoder, features.numeric)
  const space = fitSpace(rowsOf(z, width, fitRows), rowsOf(z, width, heldRows), width, config.variance)
  const curve: { readonly k: number; readonly silhouette: number }[] = []
  const judged = space.fit.subarray(0, Math.min(space.fit.length, silhouetteUsers * space.width))
  const mostK = Math.min(config.maxSegments, Math.floor(fitRows.length / 10))
  for (let k = Math.min(config.minSegments, mostK); k <= mostK; k++) {
    signal.throwIfAborted()
    progress.update('segments', k - config.minSegments, mostK - config.minSegments + 1, `k = ${k}`)
    const { cluster } = assign(judged, space.width, fitCentroids(space.fit, space.width, k, seed))
    curve.push({ k, silhouette: silhouette(judged, space.width, cluster) })
  }
  const { k } = curve.reduce((best, point) => (point.silhouette > best.silhouette ? point : best))
  const centroids = fitCentroids(space.fit, space.width, k, seed)
  const held = assign(space.held, space.width, centroids).cluster
  if (Number.isNaN(curve[0]!.silhouette)) throw nothingVaries()

  const exam = segmentsExam(z, width, fitRows, heldRows)
  const metrics = segmentMetrics(exam, held, k)
  const everyone = assign(project(space.projection, z), space.width, centroids).cluster
  const payload = describeSegments(features.numeric, z, names, everyone, k)
  const network = segmentsOnnx(encoder, space.projection, centroids, k)
  const sample = heldRows.subarray(0, 16)
  const samplePoints = project(space.projection, rowsOf(z, width, sample))
  progress.done('segments', `${k} segments of ${features.rowCount} users`)
  return {
    network,
    golden: makeGolden(
      { numeric: { shape: [sample.length, width], data: rows32(features.numeric, width, sample) } },
      { distance: { shape: [sample.length, k], data: distances(samplePoints, space.width, centroids) } },
      { absolute: 1e-3, relative: 1e-3 },
    ),
    arrays: {},
    json: { [segmentsFiles.segments]: payload },
    manifest: {
      backend: 'ml-kmeans',
      synthetic,
      data: {
        rows: features.rowCount,
        from: audience.at - 28 * 86_400,
        to: audience.at,
        split: `${fitRows.length} users to fit, ${heldRows.length} held out`,
      },
      config: { ...config, segments: k },
      featureService: { name: service.name, schemaHash: service.schemaHash },
      inputs: [{ name: 'numeric', dtype: 'float32', shape: [-1, width] }],
      outputs: [{ name: 'distance', dtype: 'float32', shape: [-1, k] }],
    },
    metrics,
    gate: judgeBaselines(metrics[0]),
    report: async () => segmentsReport(payload, metrics, curve, space.projection, heldRows.length),
    evaluateOther: (dir, scorer) => evaluateOther(dir, scorer, features.numeric, heldRows, names, exam.space),
  }
}

/**
 * 70 % of the people to fit, the others held out, by a hash of their id: the same person is on the same side in every run, whatever
 * its seed, and stays there (but for few at the border) as others come and go.
 */
function splitPeople(userIds: readonly string[]): { readonly fitRows: Int32Array; readonly heldRows: Int32Array } {
  const keys = userIds.map((id) => createHash('sha256').update(id).digest('hex'))
  const order = Int32Array.from(keys, (_, row) => row).sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1))
  const fitted = Math.floor(order.length * 0.7)
  return { fitRows: order.subarray(0, fitted), heldRows: order.subarray(fitted) }
}

/** Stability of a model's segments of the held-out users, one figure per refit, with as many segments as it has. */
async function evaluateOther(
  dir: string,
  scorer: Scorer,
  numeric: Float32Array,
  heldRows: Int32Array,
  names: readonly string[],
  space: Space,
): Promise<readonly number[]> {
  const other = await readArtifactJson(dir, segmentsFiles.segments, segmentsSchema)
  const columns = other.features.map((name) => names.indexOf(name))
  const data = Float32Array.from({ length: heldRows.length * columns.length }, (_, at) => {
    const column = columns[at % columns.length]!
    const row = heldRows[Math.floor(at / columns.length)]!
    return column < 0 ? Number.NaN : numeric[row * names.length + column]!
  })
  const { distance } = await scorer.score({ numeric: { shape: [heldRows.length, columns.length], data } })
  const k = other.segments.length
  const partition = Int32Array.from(heldRows, (_, i) => {
    const own = distance!.data.subarray(i * k, (i + 1) * k)
    return own.indexOf(Math.min(...own))
  })
  return stability(space.fit, space.held, space.width, partition, k)
}

/** z alone, without flags; `[n, F]`. */
function standardised(encoder: TabularEncoder, numeric: Float32Array): Float64Array {
  const encoded = encodeTabular(encoder, numeric)
  const [from, to] = [encodedWidth(encoder), encoder.featureCount]
  return Float64Array.from(
    { length: (encoded.length / from) * to },
    (_, at) => encoded[Math.floor(at / to) * from + (at % to)]!,
  )
}

const rows32 = (values: Float32Array, width: number, rows: Int32Array): Float32Array =>
  Float32Array.from(
    { length: rows.length * width },
    (_, at) => values[rows[Math.floor(at / width)]! * width + (at % width)]!,
  )

/** `[n, k]` */
const distances = (points: Float64Array, width: number, centroids: Float64Array): Float32Array => {
  const k = centroids.length / width
  return Float32Array.from({ length: (points.length / width) * k }, (_, at) => {
    const [i, c] = [Math.floor(at / k), at % k]
    let sum = 0
    for (let d = 0; d < width; d++) sum += (points[i * width + d]! - centroids[c * width + d]!) ** 2
    return Math.sqrt(sum)
  })
}

const nothingVaries = (): AppError =>
  new AppError(
    'DATA_INSUFFICIENT',
    'The active users do not differ in any feature, so there are no segments to find. Check fct_interactions, and `contentflow features describe user_activity`.',
  )
