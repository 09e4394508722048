// SIMD kernels in AssemblyScript; `npm run build:simd` compiles them to kernels.wasm, which is committed.
// They work inside the TF.js wasm backend's own memory: every argument called "at" is a byte offset there.

/**
 * g += xᵀ·d, the gradient of a dense layer's weights.
 *
 * x float32 [rows, width], d float32 [rows, columns], g float32 [width, columns]; rows a multiple of 4, columns of 8.
 * Four rows and eight columns a step: the row of g is loaded and stored once for four rows of x.
 */
export function addTransposedProduct(xAt: usize, dAt: usize, gAt: usize, rows: i32, width: i32, columns: i32): void {
  const xStride = <usize>width << 2
  const dStride = <usize>columns << 2
  for (let row = 0; row < rows; row += 4) {
    const x0 = xAt + <usize>row * xStride
    const x1 = x0 + xStride
    const x2 = x1 + xStride
    const x3 = x2 + xStride
    for (let column: usize = 0; column < dStride; column += 32) {
      let p = dAt + <usize>row * dStride + column
      const a0 = v128.load(p)
      const b0 = v128.load(p, 16)
      p += dStride
      const a1 = v128.load(p)
      const b1 = v128.load(p, 16)
      p += dStride
      const a2 = v128.load(p)
      const b2 = v128.load(p, 16)
      p += dStride
      const a3 = v128.load(p)
      const b3 = v128.load(p, 16)
      let g = gAt + column
      for (let k: usize = 0; k < xStride; k += 4) {
        const s0 = v128.load32_splat(x0 + k)
        const s1 = v128.load32_splat(x1 + k)
        const s2 = v128.load32_splat(x2 + k)
        const s3 = v128.load32_splat(x3 + k)
        const a = f32x4.add(
          f32x4.add(f32x4.mul(s0, a0), f32x4.mul(s1, a1)),
          f32x4.add(f32x4.mul(s2, a2), f32x4.mul(s3, a3)),
        )
        const b = f32x4.add(
          f32x4.add(f32x4.mul(s0, b0), f32x4.mul(s1, b1)),
          f32x4.add(f32x4.mul(s2, b2), f32x4.mul(s3, b3)),
        )
        v128.store(g, f32x4.add(v128.load(g), a))
        v128.store(g, f32x4.add(v128.load(g, 16), b), 16)
        g += dStride
      }
    }
  }
}

/**
 * g += Σ_row weight[row]·x[row], the gradient of a layer with one output; with every weight 1, the column sums.
 *
 * x float32 [rows, width], weight float32 [rows], g float32 [width]; width a multiple of 4.
 * Sixteen columns at a time, one cache line, stay in registers over all rows; then four at a time.
 */
export function addWeightedRows(xAt: usize, weightAt: usize, gAt: usize, rows: i32, width: i32): void {
  const stride = <usize>width << 2
  const end = weightAt + (<usize>rows << 2)
  let column: usize = 0
  for (; column + 64 <= stride; column += 64) {
    let a = v128.load(gAt + column)
    let b = v128.load(gAt + column, 16)
    let c = v128.load(gAt + column, 32)
    let d = v128.load(gAt + column, 48)
    let x = xAt + column
    for (let w = weightAt; w < end; w += 4) {
      const s = v128.load32_splat(w)
      a = f32x4.add(a, f32x4.mul(s, v128.load(x)))
      b = f32x4.add(b, f32x4.mul(s, v128.load(x, 16)))
      c = f32x4.add(c, f32x4.mul(s, v128.load(x, 32)))
      d = f32x4.add(d, f32x4.mul(s, v128.load(x, 48)))
      x += stride
    }
    v128.store(gAt + column, a)
    v128.store(gAt + column, b, 16)
    v128.store(gAt + column, c, 32)
    v128.store(gAt + column, d, 48)
  }
  for (; column < stride; column += 16) {
    let a = v128.load(gAt + column)
    let x = xAt + column
    for (let w = weightAt; w < end; w += 4) {
      a = f32x4.add(a, f32x4.mul(v128.load32_splat(w), v128.load(x)))
      x += stride
    }
    v128.store(gAt + column, a)
  }
}

/** g += Σ_row x[row], the gradient of a bias; as `addWeightedRows`, without weights. */
export function addColumnSums(xAt: usize, gAt: usize, rows: i32, width: i32): void {
  const stride = <usize>width << 2
  const size = <usize>rows * stride
  for (let column: usize = 0; column < stride; column += 16) {
    // Two sums, so that an addition need not wait for the one before.
    let even = v128.load(gAt + column)
    let odd = f32x4.splat(0)
    let x = xAt + column
    const end = x + size
    for (; x + stride < end; x += 2 * stride) {
      even = f32x4.add(even, v128.load(x))
      odd = f32x4.add(odd, v128.load(x + stride))
    }
    if (x < end) even = f32x4.add(even, v128.load(x))
    v128.store(gAt + column, f32x4.add(even, odd))
  }
}
