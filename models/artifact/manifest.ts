import { z } from 'zod'

export const artifactFormatVersion = 1

/** The models of the product; also their names in the registry and in MLflow. */
export const modelNames = [
  'recommender',
  'engagement',
  'virality',
  'churn',
  'revenue',
  'creator-revenue',
  'forecast',
  'segments',
  'posting-time',
] as const
export type ModelName = (typeof modelNames)[number]

const tensorSpec = z.strictObject({
  name: z.string(),
  dtype: z.enum(['float32', 'int32']),
  /** −1 stands for the batch size. */
  shape: z.array(z.number().int()),
})

/** A metric with its bootstrap interval; `low` and `high` are null where none is meaningful. */
const estimate = z.strictObject({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() })

/** One metric of the model beside the same metric of each baseline, all on the same held-out part. */
const metricRow = z.strictObject({
  metric: z.string(),
  higherIsBetter: z.boolean(),
  model: estimate,
  baselines: z.record(z.string(), estimate),
})

export const manifestSchema = z.strictObject({
  formatVersion: z.literal(artifactFormatVersion),
  model: z.enum(modelNames),
  createdAt: z.iso.datetime(),
  runId: z.string(),
  seed: z.number().int(),
  gitSha: z.string().nullable(),
  backend: z.string(),
  /** True when the training data came from the sample generator: such metrics say nothing about quality. */
  synthetic: z.boolean(),
  /** Rows and span of the training data; seconds since 1970, UTC. */
  data: z.strictObject({
    rows: z.number().int(),
    from: z.number().nullable(),
    to: z.number().nullable(),
    split: z.string(),
  }),
  config: z.record(z.string(), z.unknown()),
  featureService: z.strictObject({ name: z.string(), schemaHash: z.string() }).nullable(),
  inputs: z.array(tensorSpec),
  outputs: z.array(tensorSpec),
  /** The first row is the headline that the gate judges. */
  metrics: z.array(metricRow).min(1),
  /** Typed arrays beside the network: little-endian, row-major. */
  arrays: z.record(
    z.string(),
    z.strictObject({ file: z.string(), dtype: z.enum(['float32', 'int32']), shape: z.array(z.number().int().min(0)) }),
  ),
  files: z.record(z.string(), z.strictObject({ bytes: z.number().int().min(0), sha256: z.string().length(64) })),
})

export type Manifest = z.infer<typeof manifestSchema>
export type Estimate = z.infer<typeof estimate>
export type MetricRow = z.infer<typeof metricRow>
export type TensorSpec = z.infer<typeof tensorSpec>

/** JSON has no NaN: a missing value is written as null and read back as NaN. */
const goldenValue = z.union([z.number(), z.nan(), z.null().transform(() => Number.NaN)])
const goldenTensor = z.strictObject({ shape: z.array(z.number().int()), data: z.array(goldenValue) })

/** A batch, what the trainer's own engine made of it, and how far the runtime may be from that. */
export const goldenSchema = z.strictObject({
  inputs: z.record(z.string(), goldenTensor),
  outputs: z.record(z.string(), goldenTensor),
  /** |runtime − trainer| ≤ absolute + relative·|trainer|, element by element. */
  tolerance: z.strictObject({ absolute: z.number().positive(), relative: z.number().min(0) }),
})

export type Golden = z.infer<typeof goldenSchema>
