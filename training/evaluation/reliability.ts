import type { Random } from '../backend/random.ts'
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
export function reliabilityCurve(
  probability: ArrayLike<number>,
  actual: ArrayLike<number>,
  bins = 10,
): readonly ReliabilityBin[] {
  const n = actual.length
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => probability[a]! - probability[b]!)
  const curve: ReliabilityBin[] = []
  for (let start = 0; start < n; ) {
    let end = Math.max(start + 1, Math.round(((curve.length + 1) * n) / bins))
    while (end < n && probability[order[end]!] === probability[order[end - 1]!]) end++
    let p = 0
    let y = 0
    for (let i = start; i < end; i++) {
      p += probability[order[i]!]!
      y += actual[order[i]!]!
    }
    curve.push({ count: end - start, meanProbability: p / (end - start), observedRate: y / (end - start) })
    start = end
  }
  return curve
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
  const worlds = Array.from({ length: 400 }, () =>
    reliabilityCurve(
      probability,
      Float64Array.from(probability, (p) => (random.uniform() < p ? 1 : 0)),
      bins,
    ),
  )
  return worlds[0]!.map((_, bin) => {
    const rates = worlds.map((curve) => curve[bin]!.observedRate).sort((a, b) => a - b)
    return { low: quantile(rates, 0.025), high: quantile(rates, 0.975) }
  })
}
