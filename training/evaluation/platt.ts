/** Of the prior of the slope: 1/½². */
const slopePrecision = 4

/** probability = 1 / (1 + exp(−(slope·logit + intercept))) */
export interface PlattScale {
  readonly slope: number
  readonly intercept: number
}

/**
 * Platt scaling: a logistic curve over a classifier's logit, fitted by Newton's method on examples it was not fitted on.
 * Targets are (P + 1)/(P + 2) and 1/(N + 2) instead of 1 and 0, so that few examples give no certainty (Platt 1999, eq. 12;
 * Lin, Lin & Weng 2007). The slope is drawn to 1, for a classifier that was fitted by its log loss is about right, and few positives
 * would else flatten or turn round what it knows: as by a normal prior of deviation ½. One that is below 0 even so is held at 0.
 *
 * @param logit  `[n]`
 * @param actual `[n]`, 1 or 0
 * @returns slope 1, intercept 0 (no change) when a class is absent
 */
export function fitPlatt(logit: ArrayLike<number>, actual: ArrayLike<number>): PlattScale {
  const n = actual.length
  let positives = 0
  for (let i = 0; i < n; i++) positives += actual[i]!
  if (positives === 0 || positives === n) return { slope: 1, intercept: 0 }
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (n - positives + 2)
  let slope = 1
  let intercept = 0
  let loss = crossEntropy(slope, intercept)
  for (let round = 0; round < 100; round++) {
    let ga = slopePrecision * (slope - 1)
    let gb = 0
    let haa = slopePrecision
    let hab = 0
    let hbb = 1e-9
    for (let i = 0; i < n; i++) {
      const x = logit[i]!
      const p = 1 / (1 + Math.exp(-(slope * x + intercept)))
      const d = p - (actual[i] === 1 ? high : low)
      const w = p * (1 - p)
      ga += d * x
      gb += d
      haa += w * x * x
      hab += w * x
      hbb += w
    }
    if (Math.abs(ga) < 1e-7 * n && Math.abs(gb) < 1e-7 * n) break
    const determinant = haa * hbb - hab * hab
    const da = (hbb * ga - hab * gb) / determinant
    const db = (haa * gb - hab * ga) / determinant
    let step = 1
    let next = crossEntropy(slope - da, intercept - db)
    while (!(next <= loss) && step > 1e-10) {
      step /= 2
      next = crossEntropy(slope - step * da, intercept - step * db)
    }
    if (step <= 1e-10) break
    slope -= step * da
    intercept -= step * db
    loss = next
  }
  return slope > 0 ? { slope, intercept } : { slope: 0, intercept: Math.log(positives / (n - positives)) }

  function crossEntropy(a: number, b: number): number {
    let sum = (slopePrecision / 2) * (a - 1) ** 2
    for (let i = 0; i < n; i++) {
      const z = a * logit[i]! + b
      // log(1 + eᶻ) − t·z without overflow
      sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (actual[i] === 1 ? high : low) * z
    }
    return sum
  }
}

/**
 * The intercept at which the mean probability equals the share of positives, for a slope that was fitted elsewhere. For a model fitted again
 * with the validation part: it has learned that part's base rate, so shifting it by what the model before it lacked would count a drift twice.
 *
 * @param logit  `[n]` of the new model
 * @param actual `[n]`, 1 or 0
 * @returns 0 (no change) when a class is absent
 */
export function recentre(logit: ArrayLike<number>, actual: ArrayLike<number>, slope: number): number {
  const n = actual.length
  let positives = 0
  for (let i = 0; i < n; i++) positives += actual[i]!
  if (positives === 0 || positives === n) return 0
  // The mean grows with the intercept: halving 60 times leaves nothing to find.
  let [low, high] = [-100, 100]
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    let sum = 0
    for (let i = 0; i < n; i++) sum += 1 / (1 + Math.exp(-(slope * logit[i]! + middle)))
    if (sum < positives) low = middle
    else high = middle
  }
  return (low + high) / 2
}
