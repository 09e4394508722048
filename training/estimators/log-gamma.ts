/** Coefficients of Lanczos' approximation for g = 7 and nine terms (Godfrey 2001). */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const

/**
 * Logarithm of the gamma function, to about 13 digits.
 *
 * ln Γ(x + 1) ≈ ½·ln 2π + (x + ½)·ln t − t + ln Σ cₖ/(x + k), t = x + 7.5   (Lanczos 1964)
 *
 * @param x > 0; 0 gives Infinity
 */
export function logGamma(x: number): number {
  // Below ½ the series loses digits: Γ(x) = Γ(x + 1)/x.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x)
  const z = x - 1
  let sum: number = lanczos[0]
  for (let k = 1; k < lanczos.length; k++) sum += lanczos[k]! / (z + k)
  const t = z + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

/** ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b); a, b > 0 */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)
