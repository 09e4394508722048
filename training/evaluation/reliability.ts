import type { Random } from '../backend/random.ts'
import { mean } from './mean.ts'
import { pick } from './metric-row.ts'
import { quantile } from './quantile.ts'

/** Examples whose predicted probability is alike, and how often they came true. */
export interface ReliabilityBin {
  readonly count: number
  readonly meanProbability: number
  readonly observedRate: number
}

/**
 * Reliability curve with bins of equal count, ascending by probability; examples with equal probability stay together.
 *
 * @param bins wished number of bins, ≥ 1; fewer come back where there are fewer distinct probabilities
 */
export const reliabilityCurve = (
  probability: ArrayLike<number>,
  actual: ArrayLike<number>,
  bins = 10,
): readonly ReliabilityBin[] =>
  equalBins(probability, bins).map((rows) => ({
    count: rows.length,
    meanProbability: mean(pick(probability, rows)),
    observedRate: mean(pick(actual, rows)),
  }))

/** Examples of each bin of the curve. */
function equalBins(probability: ArrayLike<number>, bins: number): readonly Int32Array[] {
  const n = probability.length
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => probability[a]! - probability[b]!)
  const parts: Int32Array[] = []
  for (let start = 0; start < n; ) {
    let end = Math.max(start + 1, Math.round(((parts.length + 1) * n) / bins))
    while (end < n && probability[order[end]!] === probability[order[end - 1]!]) end++
    parts.push(order.subarray(start, end))
    start = end
  }
  return parts
}

/**
 * Expected calibration error over bins of equal count.
 *
 * ECE = Σ countᵦ/n · |mean probabilityᵦ − observed rateᵦ|   (Naeini et al. 2015, with equal-count bins)
 *
 * @returns a number in [0, 1]; 0 for no examples
 */
export function expectedCalibrationError(probability: ArrayLike<number>, actual: ArrayLike<number>, bins = 10): number {
  let error = 0
  for (const bin of reliabilityCurve(probability, actual, bins)) {
    error += (bin.count / actual.length) * Math.abs(bin.meanProbability - bin.observedRate)
  }
  return error
}

/**
 * Where the observed rate of each bin would lie if every probability were right: 95 % of worlds in which each example comes true with its
 * own probability (consistency resampling, Bröcker & Smith 2007, of the outcomes).
 *
 * @returns for each bin of `reliabilityCurve` with as many bins
 */
export function consistencyBand(
  probability: ArrayLike<number>,
  random: Random,
  bins = 10,
): readonly { readonly low: number; readonly high: number }[] {
  return equalBins(probability, bins).map((rows) => {
    const its = pick(probability, rows)
    const rates = Float64Array.from({ length: worlds }, () => {
      let came = 0
      for (let i = 0; i < its.length; i++) if (random.uniform() < its[i]!) came++
      return came / its.length
    }).sort()
    return { low: quantile(rates, 0.025), high: quantile(rates, 0.975) }
  })
}

const worlds = 1000
