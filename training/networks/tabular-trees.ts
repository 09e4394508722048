import { type BoostedTrees, boostTrees } from '../estimators/boosting/boost-trees.ts'
import { binFeatures, type FeatureBins } from '../estimators/boosting/feature-bins.ts'
import { type BoostingLoss, logisticLoss, squaredError } from '../estimators/boosting/losses.ts'
import type { Tree } from '../estimators/boosting/tree.ts'
import { columnOf } from '../estimators/standard-scale.ts'
import type { FitEnvironment } from '../families/family.ts'
import type { Lesson, PreparedTable, TabularModelInput } from './tabular-model.ts'
import { type LinearStart, startValues } from './tabular-start.ts'

export interface TreeOptions {
  /** Most trees of a sequence; 0 = none at all. */
  readonly trees: number
  /** Most leaves of a tree. */
  readonly leaves: number
  /** Share of each tree's answer that counts. */
  readonly rate: number
  /** Outputs that get trees, the first ones; by default all. */
  readonly outputs?: number
}

/**
 * Boosted trees of one output, in two sequences: one corrects the linear start, as the network does; the other begins at the mean and
 * owes nothing to it. Their average is more right than either, and neither has to be chosen; a sequence that validation left without trees
 * does not count.
 */
export interface OutputTrees {
  readonly corrections: readonly Tree[]
  readonly own: readonly Tree[]
  /** Where `own` begins. */
  readonly mean: number
  /** What the sequences say, weighed by `sequenceWeights`; `[rowCount]`, standardised or a logit. */
  readonly values: Float64Array
}

/** Weights of both sequences; they sum to 1. */
export function sequenceWeights({ corrections, own }: Pick<OutputTrees, 'corrections' | 'own'>): {
  readonly corrections: number
  readonly own: number
} {
  if (own.length === 0) return { corrections: 1, own: 0 }
  return corrections.length === 0 ? { corrections: 0, own: 1 } : { corrections: 0.5, own: 0.5 }
}

/** The trees beside a network. */
export interface TabularTrees {
  /** What splits compare with: see `FeatureBins`; numeric features, then categorical fields. */
  readonly edges: FeatureBins['edges']
  /** `[T]` */
  readonly outputs: readonly OutputTrees[]
  /** `[T]`: share of the trees in the output; the rest is the network's. */
  readonly shares: readonly number[]
}

/** Bins as fine as a byte can tell: a number that is an identifier is told apart by them. */
const mostBins = 254

/** Numeric features as they are, and categories by their place in the vocabulary, which puts frequent ones first. */
export function treeBins({ numeric, categories, encoder }: PreparedTable, train: Int32Array): FeatureBins {
  const { featureCount } = encoder
  const columns = Array.from({ length: featureCount }, (_, feature) =>
    Float32Array.from({ length: numeric.length / featureCount }, (_, row) => numeric[row * featureCount + feature]!),
  )
  return binFeatures([...columns, ...categories.map((column) => Float32Array.from(column))], train, mostBins)
}

/** Regularisation that suits small and large tables alike (the usual defaults of boosting libraries are near them). */
const fixed = { patience: 50, l2: 1, minRows: 20, rowShare: 0.8, featureShare: 0.7 }

/** What trees of all outputs learn from. */
export interface TreesLesson extends Pick<TabularModelInput, 'kind' | 'outputs' | 'prepared' | 'trees'> {
  readonly bins: FeatureBins
  readonly start: LinearStart
  readonly lesson: Lesson
  /** Rows that choose how many trees each sequence gets, or sequences whose numbers are taken. */
  readonly stop: Int32Array | readonly OutputTrees[]
}

const noTrees: OutputTrees = { corrections: [], own: [], mean: 0, values: new Float64Array(0) }

/** @throws AppError CANCELLED, see `boostTrees` */
export async function learnTrees(from: TreesLesson, environment: FitEnvironment): Promise<OutputTrees[]> {
  const { bins, start, lesson, stop, kind, outputs, prepared, trees: options } = from
  const learned: OutputTrees[] = []
  for (let t = 0; t < outputs; t++) {
    if (t >= (options.outputs ?? outputs)) {
      learned.push(noTrees)
      continue
    }
    const target = columnOf(lesson.targets, outputs, t)
    const boost = (its: Float64Array, sequence: 'corrections' | 'own'): Promise<BoostedTrees> => {
      const fromRows = stop instanceof Int32Array
      return boostTrees(
        { bins, loss: lossOf(kind), target, start: its, rows: lesson.rows, valid: fromRows ? stop : undefined },
        { ...fixed, ...options, trees: fromRows ? options.trees : stop[t]![sequence].length },
        { ...environment, label: `${environment.label}, trees` },
      )
    }
    const linear = startValues(start, prepared, outputs, t)
    const mean = middleOf(target, lesson.rows, kind)
    const corrections = await boost(linear, 'corrections')
    const own = await boost(new Float64Array(linear.length).fill(mean), 'own')
    const trees = { corrections: corrections.trees, own: own.trees }
    const weights = sequenceWeights(trees)
    const values = linear.map(
      (value, row) => weights.corrections * (value + corrections.sums[row]!) + weights.own * (mean + own.sums[row]!),
    )
    learned.push({ ...trees, mean, values })
  }
  const count = learned.reduce((sum, { corrections, own }) => sum + corrections.length + own.length, 0)
  environment.progress.done(`${environment.label}, trees`, `${count} trees`)
  return learned
}

/**
 * Shares that may be chosen. Halves stand first, and validation must speak clearly against them: its preferences of a percent or less were
 * as often wrong as right on ten tasks.
 */
const shares = [0.5, 0.25, 0.75]
const clearly = 0.97

/**
 * Share of the trees in each output, by the loss on validation rows that neither they nor the network were fitted on; 0 where there are none.
 *
 * @param network output, `[rowCount, T]`
 */
export function treeShares(
  network: Float32Array,
  trees: readonly OutputTrees[],
  { kind, outputs, train, valid }: Pick<TabularModelInput, 'kind' | 'outputs' | 'train' | 'valid'>,
): number[] {
  const loss = lossOf(kind)
  return trees.map(({ corrections, own, values }, t) => {
    if (corrections.length + own.length === 0) return 0
    let least = Number.POSITIVE_INFINITY
    let best = shares[0]!
    for (const share of shares) {
      let sum = 0
      for (const row of valid) {
        const actual = train.targets[row * outputs + t]!
        if (Number.isNaN(actual)) continue
        sum += loss.of((1 - share) * network[row * outputs + t]! + share * values[row]!, actual)
      }
      if (sum >= least * clearly) continue
      least = sum
      best = share
    }
    return best
  })
}

/** The output of the whole model, `[rowCount, T]`: the network's alone where there are no trees. */
export function blendTrees(
  network: Float32Array,
  trees: Pick<TabularTrees, 'outputs' | 'shares'> | undefined,
): Float32Array {
  if (trees === undefined) return network
  const width = trees.outputs.length
  return network.map((value, at) => {
    const share = trees.shares[at % width]!
    if (share === 0) return value
    return (1 - share) * value + share * trees.outputs[at % width]!.values[Math.floor(at / width)]!
  })
}

const lossOf = (kind: TabularModelInput['kind']): BoostingLoss => (kind === 'regression' ? squaredError : logisticLoss)

/** The mean, or the log odds of the class; half an example more of each class keeps them finite. */
function middleOf(target: Float64Array, rows: Int32Array, kind: TabularModelInput['kind']): number {
  const known = rows.filter((row) => !Number.isNaN(target[row]!))
  const sum = known.reduce((total, row) => total + target[row]!, 0)
  return kind === 'regression' ? sum / Math.max(1, known.length) : Math.log((sum + 0.5) / (known.length - sum + 0.5))
}
