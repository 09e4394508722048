/**
 * Solves A·x = b for a symmetric positive definite A by Cholesky's decomposition.
 *
 * @param a `[size, size]`, row-major; its lower triangle is overwritten
 * @param b `[size]`; overwritten with x
 * @returns x
 */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array): Float64Array {
  const size = b.length
  for (let j = 0; j < size; j++) {
    for (let i = j; i < size; i++) {
      let sum = a[i * size + j]!
      for (let k = 0; k < j; k++) sum -= a[i * size + k]! * a[j * size + k]!
      // A pivot that rounding made vanish stands for a column that the earlier ones explain: it gets no weight.
      a[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-10)) : sum / a[j * size + j]!
    }
  }
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) b[i]! -= a[i * size + k]! * b[k]!
    b[i]! /= a[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) b[i]! -= a[k * size + i]! * b[k]!
    b[i]! /= a[i * size + i]!
  }
  return b
}
