// Arithmetic on a few rows at once, in AssemblyScript: what the kernels of networks are made of. Rows are f32 of a multiple of 8 numbers;
// every argument called "at" is a byte offset into the memory.

/** Sums of four vectors' lanes: [Σa, Σb, Σc, Σd]. */
// @ts-ignore: decorator
@inline
export function sumsOfLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

/** max(0, x) in each lane; NaN stays. */
// @ts-ignore: decorator
@inline
export function positivePart(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0))
}

/** e^x in each lane, to 2 units in the last place (the polynomial of Cephes' expf). */
// @ts-ignore: decorator
@inline
export function exponential(x: v128): v128 {
  x = f32x4.min(f32x4.max(x, f32x4.splat(-87)), f32x4.splat(88))
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)))
  const r = f32x4.sub(
    f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))),
    f32x4.mul(n, f32x4.splat(-2.12194440e-4)),
  )
  let p = f32x4.splat(1.9875691500e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  const y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1))
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return f32x4.mul(y, scale)
}

export const PLAIN: i32 = 0
/** out = max(0, product) */
export const RELU: i32 = 1
/** out = product where out was above 0, else 0: the gradient through a ReLU, in the place of its output. */
export const MASK: i32 = 2

// @ts-ignore: decorator
@inline
function put(at: usize, value: v128, mode: i32): void {
  if (mode == RELU) value = positivePart(value)
  else if (mode == MASK) value = v128.and(value, f32x4.gt(v128.load(at), f32x4.splat(0)))
  v128.store(at, value)
}

/**
 * Four rows times a matrix: o_i = x_i·W + bias. Eight columns at a time stay in registers.
 *
 * x_i `[inner]`, W `[inner, columns]`, bias `[columns]` or 0 for none, o_i `[columns]`. The same row may be given several times.
 */
// @ts-ignore: decorator
@inline
export function multiplyRows(
  x0: usize, x1: usize, x2: usize, x3: usize, inner: i32, weightAt: usize, biasAt: usize, columns: i32,
  o0: usize, o1: usize, o2: usize, o3: usize, mode: i32,
): void {
  const stride = <usize>columns << 2
  const end = <usize>inner << 2
  for (let column: usize = 0; column < stride; column += 32) {
    let a0 = f32x4.splat(0)
    let b0 = a0
    if (biasAt != 0) {
      a0 = v128.load(biasAt + column)
      b0 = v128.load(biasAt + column, 16)
    }
    let a1 = a0
    let b1 = b0
    let a2 = a0
    let b2 = b0
    let a3 = a0
    let b3 = b0
    let w = weightAt + column
    for (let k: usize = 0; k < end; k += 4) {
      const wa = v128.load(w)
      const wb = v128.load(w, 16)
      w += stride
      let s = v128.load32_splat(x0 + k)
      a0 = f32x4.add(a0, f32x4.mul(s, wa))
      b0 = f32x4.add(b0, f32x4.mul(s, wb))
      s = v128.load32_splat(x1 + k)
      a1 = f32x4.add(a1, f32x4.mul(s, wa))
      b1 = f32x4.add(b1, f32x4.mul(s, wb))
      s = v128.load32_splat(x2 + k)
      a2 = f32x4.add(a2, f32x4.mul(s, wa))
      b2 = f32x4.add(b2, f32x4.mul(s, wb))
      s = v128.load32_splat(x3 + k)
      a3 = f32x4.add(a3, f32x4.mul(s, wa))
      b3 = f32x4.add(b3, f32x4.mul(s, wb))
    }
    put(o0 + column, a0, mode)
    put(o0 + column + 16, b0, mode)
    put(o1 + column, a1, mode)
    put(o1 + column + 16, b1, mode)
    put(o2 + column, a2, mode)
    put(o2 + column + 16, b2, mode)
    put(o3 + column, a3, mode)
    put(o3 + column + 16, b3, mode)
  }
}

/** G += Σ_i x_iᵀ·d_i over four rows: x_i `[width]`, d_i `[columns]`, G `[width, columns]`. */
// @ts-ignore: decorator
@inline
export function addOuterProducts(
  x0: usize, x1: usize, x2: usize, x3: usize, width: i32,
  d0: usize, d1: usize, d2: usize, d3: usize, columns: i32, gradientAt: usize,
): void {
  const stride = <usize>columns << 2
  const end = <usize>width << 2
  for (let column: usize = 0; column < stride; column += 32) {
    const a0 = v128.load(d0 + column)
    const b0 = v128.load(d0 + column, 16)
    const a1 = v128.load(d1 + column)
    const b1 = v128.load(d1 + column, 16)
    const a2 = v128.load(d2 + column)
    const b2 = v128.load(d2 + column, 16)
    const a3 = v128.load(d3 + column)
    const b3 = v128.load(d3 + column, 16)
    let g = gradientAt + column
    for (let k: usize = 0; k < end; k += 4) {
      const s0 = v128.load32_splat(x0 + k)
      const s1 = v128.load32_splat(x1 + k)
      const s2 = v128.load32_splat(x2 + k)
      const s3 = v128.load32_splat(x3 + k)
      const a = f32x4.add(f32x4.add(f32x4.mul(s0, a0), f32x4.mul(s1, a1)), f32x4.add(f32x4.mul(s2, a2), f32x4.mul(s3, a3)))
      const b = f32x4.add(f32x4.add(f32x4.mul(s0, b0), f32x4.mul(s1, b1)), f32x4.add(f32x4.mul(s2, b2), f32x4.mul(s3, b3)))
      v128.store(g, f32x4.add(v128.load(g), a))
      v128.store(g, f32x4.add(v128.load(g, 16), b), 16)
      g += stride
    }
  }
}

/** out += x */
// @ts-ignore: decorator
@inline
export function addRow(outAt: usize, xAt: usize, size: i32): void {
  const end = <usize>size << 2
  for (let k: usize = 0; k < end; k += 16) v128.store(outAt + k, f32x4.add(v128.load(outAt + k), v128.load(xAt + k)))
}

/** out += factor·x */
// @ts-ignore: decorator
@inline
export function addScaledRow(outAt: usize, factor: f32, xAt: usize, size: i32): void {
  const end = <usize>size << 2
  const s = f32x4.splat(factor)
  for (let k: usize = 0; k < end; k += 16) {
    v128.store(outAt + k, f32x4.add(v128.load(outAt + k), f32x4.mul(s, v128.load(xAt + k))))
  }
}

/** out = x ⊙ y */
// @ts-ignore: decorator
@inline
export function multiplyElements(outAt: usize, xAt: usize, yAt: usize, size: i32): void {
  const end = <usize>size << 2
  for (let k: usize = 0; k < end; k += 16) v128.store(outAt + k, f32x4.mul(v128.load(xAt + k), v128.load(yAt + k)))
}

/** [x·y_0, x·y_1, x·y_2, x·y_3] */
// @ts-ignore: decorator
@inline
export function dotRows(xAt: usize, y0: usize, y1: usize, y2: usize, y3: usize, size: i32): v128 {
  const end = <usize>size << 2
  let a = f32x4.splat(0)
  let b = a
  let c = a
  let d = a
  for (let k: usize = 0; k < end; k += 16) {
    const x = v128.load(xAt + k)
    a = f32x4.add(a, f32x4.mul(x, v128.load(y0 + k)))
    b = f32x4.add(b, f32x4.mul(x, v128.load(y1 + k)))
    c = f32x4.add(c, f32x4.mul(x, v128.load(y2 + k)))
    d = f32x4.add(d, f32x4.mul(x, v128.load(y3 + k)))
  }
  return sumsOfLanes(a, b, c, d)
}

/**
 * One step of Adam (Kingma & Ba 2015, algorithm 1) for the numbers of a row; `rate` has both bias corrections folded in.
 *
 * @param decay the gradient of the penalty: decay·w is added to it
 */
// @ts-ignore: decorator
@inline
export function adamRow(weightAt: usize, gradientAt: usize, mAt: usize, vAt: usize, size: i32, decay: f32, rate: f32): void {
  const end = <usize>size << 2
  for (let k: usize = 0; k < end; k += 16) {
    const w = v128.load(weightAt + k)
    const g = f32x4.add(v128.load(gradientAt + k), f32x4.mul(f32x4.splat(decay), w))
    const m = f32x4.add(f32x4.mul(f32x4.splat(0.9), v128.load(mAt + k)), f32x4.mul(f32x4.splat(0.1), g))
    const v = f32x4.add(f32x4.mul(f32x4.splat(0.999), v128.load(vAt + k)), f32x4.mul(f32x4.splat(0.001), f32x4.mul(g, g)))
    v128.store(mAt + k, m)
    v128.store(vAt + k, v)
    const step = f32x4.div(f32x4.mul(f32x4.splat(rate), m), f32x4.add(f32x4.sqrt(v), f32x4.splat(1e-8)))
    v128.store(weightAt + k, f32x4.sub(w, step))
  }
}

/** The same for one number. */
// @ts-ignore: decorator
@inline
export function adamScalar(weightAt: usize, g: f32, mAt: usize, vAt: usize, rate: f32): void {
  const m: f32 = 0.9 * load<f32>(mAt) + 0.1 * g
  const v: f32 = 0.999 * load<f32>(vAt) + 0.001 * g * g
  store<f32>(mAt, m)
  store<f32>(vAt, v)
  store<f32>(weightAt, load<f32>(weightAt) - (rate * m) / (sqrt<f32>(v) + 1e-8))
}
