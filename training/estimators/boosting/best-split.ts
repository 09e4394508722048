/** How a leaf is best split; `gain` 0 or less: not at all. */
export interface Split {
  readonly gain: number
  readonly feature: number
  /** Codes up to this one go left. */
  readonly threshold: number
  readonly missingLeft: boolean
  /** Sums of gradients and of curvatures that go left. */
  readonly gradient: number
  readonly curvature: number
}

/** Curvature of one example, at least. */
export const leastCurvature = 1e-6

export const noSplit: Split = { gain: 0, feature: -1, threshold: 0, missingLeft: false, gradient: 0, curvature: 0 }

/** What a leaf's rows sum up to. */
export interface LeafSums {
  readonly gradient: number
  readonly curvature: number
  readonly count: number
}

export interface SplitLimits {
  /** Added to the curvature of each leaf: shrinks its value. */
  readonly l2: number
  /** Fewest rows of a leaf; counted by their share of the curvature, which is exact for squared error. */
  readonly minRows: number
}

/**
 * The split of one leaf by one feature with the largest gain (Chen & Guestrin 2016, eq. 7, and algorithm 3 for what is missing).
 *
 * gain = GL²/(HL + λ) + GR²/(HR + λ) − G²/(H + λ)
 *
 * Missing values go where the gain is larger; where a leaf has none of them, with the larger half.
 *
 * @param histogram pairs of gradient and curvature by code, from `offset` on; code 0 = missing
 * @param codes     of this feature
 * @param atLeast   gain that must be exceeded
 * @returns undefined where no split exceeds it
 */
export function bestSplit(
  histogram: Float64Array,
  offset: number,
  codes: number,
  feature: number,
  sums: LeafSums,
  { l2, minRows }: SplitLimits,
  atLeast: number,
): Split | undefined {
  const { gradient: G, curvature: H, count } = sums
  const least = (minRows / count) * H * (1 - 1e-9)
  const whole = (G * G) / (H + l2)
  const [missingG, missingH] = [histogram[offset]!, histogram[offset + 1]!]
  // What is left of a subtraction is not quite 0 where nothing is missing.
  const anyMissing = missingH > 0.5 * leastCurvature
  let best = atLeast
  let threshold = -1
  let missingLeft = false
  let [bestG, bestH] = [0, 0]
  for (let side = 0; side <= Number(anyMissing); side++) {
    let left = side === 0 ? 0 : missingG
    let curvature = side === 0 ? 0 : missingH
    // The last code parts what is known from what is missing.
    const last = anyMissing && side === 0 ? codes : codes - 1
    for (let code = 1; code < last; code++) {
      left += histogram[offset + 2 * code]!
      curvature += histogram[offset + 2 * code + 1]!
      const rest = H - curvature
      if (curvature < least) continue
      if (rest < least) break
      const right = G - left
      const gain = (left * left) / (curvature + l2) + (right * right) / (rest + l2) - whole
      if (gain <= best) continue
      best = gain
      threshold = code
      missingLeft = side === 1
      bestG = left
      bestH = curvature
    }
  }
  if (threshold < 0) return undefined
  return {
    gain: best,
    feature,
    threshold,
    missingLeft: anyMissing ? missingLeft : 2 * bestH > H,
    gradient: bestG,
    curvature: bestH,
  }
}
