import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import type { CompiledStep, NamedArrays } from '../backend/graph/compiled-step.ts'
import { GraphOptimiser } from '../backend/graph/graph-optimiser.ts'
import { createRandom, type Random } from '../backend/random.ts'
import type { FitEnvironment } from '../families/family.ts'
import { type EpochValidation, trainEpochs } from './train-epochs.ts'

/** Weights by name, each row-major. */
export type Parameters = Readonly<Record<string, Float32Array>>

/** One batch as the compiled step wants it, and how many of its positions predict something. */
export interface Batch {
  readonly inputs: NamedArrays
  readonly positions: number
}

/** A network and what it learns from. */
export interface NetworkTraining {
  /** Fresh; they change in place. */
  readonly parameters: Parameters
  /** Width of each parameter whose gradient comes as rows. */
  readonly tables: Readonly<Record<string, number>>
  /** Closed at the end of the training. */
  readonly step: CompiledStep
  /** One epoch; the arrays of a batch may be overwritten by the next. */
  readonly batches: (random: Random) => Iterable<Batch>
  /** Positions of an epoch. */
  readonly positions: number
  /** What must be equal for a checkpoint to be gone on from, options and seed apart. */
  readonly identity: Readonly<Record<string, unknown>>
  /** Judges parameters; absent for a fixed number of epochs. */
  readonly validation?: EpochValidation<[Parameters]> | undefined
  /** By dense parameter, what it loses at each step, in learning rates (decoupled weight decay, Loshchilov & Hutter 2019). */
  readonly decay?: Readonly<Record<string, number>>
}

/** How it learns; the rest of a family's options counts only in that a checkpoint belongs to them. */
export interface NetworkTrainingOptions {
  /** Of Adam, after the warm-up. */
  readonly learningRate: number
  /** Weight of the past in the running average of the weights, in [0, 1). */
  readonly averaging: number
  /** Most epochs. */
  readonly epochs: number
  /** Epochs without a better validation before it stops. */
  readonly patience: number
}

export interface TrainedNetwork {
  /** Averaged; those of the best epoch, or of the last one without validation. */
  readonly parameters: Parameters
  readonly bestEpoch: number
}

/** Steps over which the learning rate grows to its full size, and the average forgets its random start faster. */
const warmUpSteps = 100
/** How often the average takes in the weights: often enough to be smooth, too seldom to cost time. */
const stepsPerAverage = 10

/**
 * Trains a compiled network by Adam, epoch by epoch; the same seed gives the same parameters, bit for bit, whether or not the training was
 * interrupted and resumed.
 *
 * @throws AppError CANCELLED at the next step after the signal; the last finished epoch is in the checkpoint
 * @throws AppError CONFIG_INVALID when the loss stops being a number: the options are out of range
 */
export async function trainNetwork(
  training: NetworkTraining,
  options: NetworkTrainingOptions,
  environment: FitEnvironment,
): Promise<TrainedNetwork> {
  const { parameters, tables, validation, positions } = training
  const optimiser = new GraphOptimiser(parameters, tables, training.decay)
  const averages = copyOf(parameters)
  const names = Object.keys(parameters).sort()
  const arraysOf = (of: Parameters): Float32Array[] => names.map((name) => of[name]!)
  try {
    const { best, bestEpoch } = await trainEpochs(
      {
        identity: { ...training.identity, options: { ...options, epochs: 0 }, seed: environment.seed, positions },
        state: [...arraysOf(parameters), ...arraysOf(averages), ...optimiser.momentArrays()],
        averages: arraysOf(averages),
        steps: () => optimiser.steps,
        restoreSteps: (steps) => optimiser.restoreSteps(steps),
        trainEpoch: (epoch) => trainEpoch(epoch, training, averages, optimiser, options, environment),
        validation: validation && { ...validation, judge: () => validation.judge(averages) },
      },
      options,
      environment,
    )
    return { parameters: Object.fromEntries(names.map((name, i) => [name, best[i]!])), bestEpoch }
  } finally {
    await training.step.close()
  }
}

/** @returns the loss, mean over positions */
async function trainEpoch(
  epoch: number,
  { parameters, step, batches, positions: all }: NetworkTraining,
  averages: Parameters,
  optimiser: GraphOptimiser,
  options: NetworkTrainingOptions,
  { progress, signal, label, seed }: FitEnvironment,
): Promise<number> {
  let total = 0
  let done = 0
  for (const { inputs, positions } of batches(createRandom(seed).fork(`epoch ${epoch}`))) {
    // Signals arrive only between turns of the event loop.
    await turnOfTheEventLoop()
    if (signal.aborted) {
      throw new AppError('CANCELLED', `Stopped in epoch ${epoch}; \`--resume\` goes on after epoch ${epoch - 1}.`)
    }
    const result = await step.run(parameters, inputs)
    if (!Number.isFinite(result.loss)) {
      throw new AppError(
        'CONFIG_INVALID',
        `The loss became ${result.loss} at step ${optimiser.steps + 1}, in epoch ${epoch}; expected a finite number. Lower learningRate (now ${options.learningRate}) and train again.`,
      )
    }
    optimiser.update(result, options.learningRate * Math.min(1, (optimiser.steps + 1) / warmUpSteps))
    total += result.loss * positions
    done += positions
    if (optimiser.steps % stepsPerAverage === 0 || done === all) {
      const past = Math.min(options.averaging, optimiser.steps / (optimiser.steps + warmUpSteps))
      addToAverages(averages, parameters, past)
    }
    const text = `epoch ${epoch} loss ${result.loss.toFixed(3)}`
    progress.update(label, (epoch - 1) * all + done, options.epochs * all, text)
  }
  return total / all
}

/** averages ← past·averages + (1 − past)·parameters: the mean of the optimiser's path ranks better than its end (Polyak & Juditsky 1992). */
function addToAverages(averages: Parameters, parameters: Parameters, past: number): void {
  for (const [name, average] of Object.entries(averages)) {
    const now = parameters[name]!
    for (let i = 0; i < average.length; i++) average[i] = past * average[i]! + (1 - past) * now[i]!
  }
}

const copyOf = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]))
