import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises'
import { AppError } from '../../../errors.ts'
import { createRandom, type Random } from '../../backend/random.ts'
import type { FitEnvironment } from '../../families/family.ts'
import type { FeatureBins } from './feature-bins.ts'
import { TreeGrower, type TreeLimits } from './grow-tree.ts'
import type { BoostingLoss } from './losses.ts'
import { addTree, type Tree } from './tree.ts'

export interface BoostingOptions extends TreeLimits {
  /** Most trees. */
  readonly trees: number
  /** Trees without a better validation loss after which boosting stops. */
  readonly patience: number
  /** Shares of rows and of features that each tree may see, in (0, 1]. */
  readonly rowShare: number
  readonly featureShare: number
}

export interface BoostingLesson {
  readonly bins: FeatureBins
  readonly loss: BoostingLoss
  /** `[rowCount]`; NaN = unknown, does not count */
  readonly target: Float64Array
  /** What the trees add to; `[rowCount]`. */
  readonly start: Float64Array
  /** Rows to learn from. */
  readonly rows: Int32Array
  /** Rows whose loss chooses the number of trees; undefined for all of them. */
  readonly valid: Int32Array | undefined
}

export interface BoostedTrees {
  readonly trees: readonly Tree[]
  /** What they add for every row; `[rowCount]`. */
  readonly sums: Float64Array
}

/**
 * Gradient boosting of second order over histograms (Friedman 2001; Chen & Guestrin 2016; Ke et al. 2017), each tree on a random part of
 * rows and features (Friedman 2002). The same seed gives the same trees.
 *
 * @returns no trees where none lowers the loss of the validation rows
 * @throws AppError CANCELLED at the next tree after the signal; TOO_LARGE for more than 4 GB of bins
 */
export async function boostTrees(
  { bins, loss, target, start, rows, valid }: BoostingLesson,
  options: BoostingOptions,
  { seed, signal, progress, label }: Pick<FitEnvironment, 'seed' | 'signal' | 'progress' | 'label'>,
): Promise<BoostedTrees> {
  const known = rows.filter((row) => !Number.isNaN(target[row]!))
  const judged = valid?.filter((row) => !Number.isNaN(target[row]!))
  const random = createRandom(seed).fork('trees')
  const output = start.slice()
  const gradient = new Float32Array(bins.rowCount)
  const curvature = new Float32Array(bins.rowCount)
  const trees: Tree[] = []
  const seen = new Uint8Array(bins.rowCount)
  const bestOutput = start.slice()
  let best = 0
  let least = judged === undefined ? 0 : meanLoss(loss, output, target, judged)
  const grower = new TreeGrower(bins, options)
  try {
    while (trees.length < options.trees && known.length > 0) {
      await turnOfTheEventLoop()
      if (signal.aborted)
        throw new AppError('CANCELLED', `Stopped at tree ${trees.length + 1}; trees are grown from the first again.`)
      loss.derive(output, target, known, gradient, curvature)
      const rowsSeen = sample(known, options.rowShare, random)
      const features = sample(indices(bins.edges.length), options.featureShare, random)
      const tree = await grower.grow({ rows: rowsSeen, features, gradient, curvature, output })
      trees.push(tree)
      // Growing it has brought its own rows to their leaves.
      seen.fill(0)
      for (const row of rowsSeen) seen[row] = 1
      addTree(tree, bins, output, seen)
      progress.update(label, trees.length, options.trees, `tree ${trees.length}`)
      if (judged === undefined) continue
      const its = meanLoss(loss, output, target, judged)
      if (its < least) {
        least = its
        best = trees.length
        bestOutput.set(output)
      } else if (trees.length - best >= options.patience) break
    }
  } finally {
    await grower.close()
  }
  const [kept, reached] = judged === undefined ? [trees, output] : [trees.slice(0, best), bestOutput]
  return { trees: kept, sums: reached.map((value, row) => value - start[row]!) }
}

/** A part of the values without repeats, in their order; at least one. */
function sample(values: Int32Array, share: number, random: Random): Int32Array {
  if (share >= 1) return values
  const wanted = Math.max(1, Math.round(share * values.length))
  const chosen = new Int32Array(Math.min(wanted, values.length))
  let taken = 0
  // Each is taken with the chance that fills what is left (Knuth, algorithm S).
  for (let i = 0; taken < chosen.length; i++) {
    if (random.uniform() * (values.length - i) < chosen.length - taken) chosen[taken++] = values[i]!
  }
  return chosen
}

const indices = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i)

function meanLoss(loss: BoostingLoss, output: Float64Array, target: Float64Array, rows: Int32Array): number {
  let sum = 0
  for (const row of rows) sum += loss.of(output[row]!, target[row]!)
  return sum / Math.max(1, rows.length)
}
