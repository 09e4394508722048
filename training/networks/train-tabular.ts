import { createHash } from 'node:crypto'
import { compileForward, compileStep } from '../backend/graph/compiled-step.ts'
import { createRandom } from '../backend/random.ts'
import type { FitEnvironment } from '../families/family.ts'
import { dropoutMasks } from './sequential-batches.ts'
import { type TabularExamples, TabularInputs, type TabularRows, tabularBatches } from './tabular-batches.ts'
import {
  createTabularParameters,
  decayedParameters,
  type TabularShape,
  type TabularStart,
  tabularLoss,
  tabularOutput,
  tabularSpec,
  tabularTables,
  tabularTrainingSpec,
} from './tabular-network.ts'
import { type Parameters, trainNetwork } from './train-network.ts'

/** How a tabular network learns. */
export interface TabularTrainingOptions {
  readonly epochs: number
  /** Epochs without a better validation loss after which training stops. */
  readonly patience: number
  readonly batchSize: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly averaging: number
  /** Share of hidden units left out. */
  readonly dropout: number
  readonly unknownRate: number
}

export interface TabularLesson {
  readonly examples: TabularExamples
  /** Rows to learn from. */
  readonly rows: Int32Array
  readonly start: TabularStart
  /** Rows whose loss chooses the epoch; undefined for all epochs. */
  readonly valid: Int32Array | undefined
}

export interface TrainedTabular {
  readonly parameters: Parameters
  /** The best epoch; 0 where nothing beat the linear start. */
  readonly epochs: number
}

/**
 * Trains a tabular network from a linear start; the same seed gives the same parameters, interrupted and resumed or not.
 *
 * @param scorer for networks of this shape
 * @param environment with a checkpoint file, it goes on from there where `resume` says so
 * @throws AppError as `trainNetwork`
 */
export async function trainTabular(
  { examples, rows, start, valid }: TabularLesson,
  shape: TabularShape,
  scorer: TabularScorer,
  options: TabularTrainingOptions,
  environment: FitEnvironment,
): Promise<TrainedTabular> {
  const random = createRandom(environment.seed)
  const parameters = createTabularParameters(shape, start, random.fork('weights'))
  const untrained = Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]))
  if (options.epochs === 0) return { parameters, epochs: 0 }
  const { batchSize, unknownRate, dropout } = options
  const masks =
    dropout === 0 ? undefined : dropoutMasks(shape.members * batchSize * shape.hidden, dropout, random.fork('dropout'))
  const spec = tabularTrainingSpec(shape, batchSize, dropout > 0)
  const lossOf = async (its: Parameters): Promise<number> =>
    meanLoss(await scorer.score(its, examples, valid!), examples, valid!, shape.outputs)
  const { parameters: best, bestEpoch } = await trainNetwork(
    {
      parameters,
      tables: tabularTables(shape),
      decay: Object.fromEntries(decayedParameters(shape).map((name) => [name, options.weightDecay])),
      step: await compileStep(spec, (ops, p, inputs) => tabularLoss(ops, p, inputs, shape, examples.kind)),
      batches: (its) => tabularBatches(examples, rows, shape, { batchSize, unknownRate, masks }, its),
      positions: rows.length,
      identity: { shape, data: fingerprintOf(examples, rows) },
      validation: valid && { metric: 'val/loss', higherIsBetter: false, judge: lossOf },
    },
    options,
    environment,
  )
  const beatsStart = valid === undefined || (await lossOf(best)) < (await lossOf(untrained))
  return beatsStart ? { parameters: best, epochs: bestEpoch } : { parameters: untrained, epochs: 0 }
}

/** Rows that are scored at once. */
const rowsPerRun = 1024

export interface TabularScorer {
  /** `[rows, T]`: standardised values, or logits */
  score(parameters: Parameters, examples: TabularRows, rows: Int32Array): Promise<Float32Array>
  close(): Promise<void>
}

/** Compiles the network for prediction. */
export async function openTabularScorer(shape: TabularShape): Promise<TabularScorer> {
  const { run, close } = await compileForward(tabularSpec(shape, rowsPerRun), (ops, p, inputs) =>
    tabularOutput(ops, p, inputs, shape),
  )
  const inputs = new TabularInputs(shape, rowsPerRun)
  return {
    async score(parameters, examples, rows) {
      const result = new Float32Array(rows.length * shape.outputs)
      for (let from = 0; from < rows.length; from += rowsPerRun) {
        const part = rows.subarray(from, from + rowsPerRun)
        inputs.fill(examples, part)
        const output = await run(parameters, inputs.arrays)
        result.set(output.subarray(0, part.length * shape.outputs), from * shape.outputs)
      }
      return result
    },
    close,
  }
}

/** Squared error, or cross entropy of a logit; mean over the known targets. */
function meanLoss(output: Float32Array, { targets, kind }: TabularExamples, rows: Int32Array, outputs: number): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < rows.length; i++) {
    for (let t = 0; t < outputs; t++) {
      const y = targets[rows[i]! * outputs + t]!
      if (Number.isNaN(y)) continue
      const z = output[i * outputs + t]!
      sum += kind === 'regression' ? (z - y) ** 2 : Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)))
      count++
    }
  }
  return sum / Math.max(1, count)
}

function fingerprintOf({ encoded, start, targets, categories }: TabularExamples, rows: Int32Array): string {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of [encoded, start, targets, rows, ...categories]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  }
  return hash.digest('hex')
}
