import type { z } from 'zod'
import type { MartSource } from '../../features/sources/mart-source.ts'
import type { OfflineStore } from '../../features/store/offline-store.ts'
import type { Logger } from '../../log.ts'
import type { Golden, Manifest, MetricRow, ModelName } from '../../models/artifact/manifest.ts'
import type { Scorer, Tensor } from '../../models/scorer.ts'
import type { Progress } from '../../progress.ts'
import type { TfBackendName } from '../backend/select-backend.ts'
import type { ReportSection } from '../report/report.ts'
import type { RunTracker } from '../tracking/tracker.ts'

/** What a job is given; everything it may touch of the world. */
export interface JobContext {
  readonly source: MartSource
  readonly offline: OfflineStore
  readonly tracker: RunTracker
  readonly progress: Progress
  readonly log: Logger
  readonly signal: AbortSignal
  readonly seed: number
  /** TF.js backend to train on (`TFJS_BACKEND`); jobs without TF.js do not read it. */
  readonly backend: TfBackendName | 'auto'
  /** The run's own folder: checkpoints go here, and stay when the job is killed. */
  readonly workDir: string
  /** Whether to go on from the last finished epoch found in `workDir`. */
  readonly resume: boolean
}

/** A trained model, its payload still in memory: nothing of it is registered yet. */
export interface TrainedModel {
  readonly network: Uint8Array // ONNX
  readonly golden: Golden
  /** Typed arrays that serving needs beside the network, e.g. neighbour lists. */
  readonly arrays: Readonly<Record<string, Tensor>>
  /** JSON files that serving needs beside the network, by file name; their schemas live in models/payloads. */
  readonly json: Readonly<Record<string, unknown>>
  readonly manifest: Pick<
    Manifest,
    'backend' | 'synthetic' | 'data' | 'config' | 'featureService' | 'inputs' | 'outputs'
  >
  readonly metrics: readonly [MetricRow, ...MetricRow[]]
  /** Why the model may or may not replace anything, against its baselines on the held-out part. */
  readonly gate: { readonly passed: boolean; readonly reason: string }
  /**
   * What a person reads of the run.
   *
   * @param scorer the model as it will be served, to ask what it makes of changed inputs; closed by the caller
   */
  readonly report: (scorer: Scorer) => Promise<readonly ReportSection[]>
  /**
   * The headline metric of a model of the same kind on this run's held-out part. The champion and the new model are both measured
   * with it, so it may depend on the given model and the data, never on the seed of the run or on how it trained.
   *
   * @param artifactDir the model's artifact, verified
   * @returns the metric; where it is a mean of repeats, each of them, in an order that is the same for every model
   */
  readonly evaluateOther: (artifactDir: string, scorer: Scorer) => Promise<number | readonly number[]>
}

/** One trainable model of the product. */
export interface TrainingJob<C = unknown> {
  readonly name: ModelName
  readonly description: string
  /** Every option with its range and default; `contentflow train <name> --set key=value` fills it. */
  readonly config: z.ZodType<C>
  run(context: JobContext, config: C): Promise<TrainedModel>
}
