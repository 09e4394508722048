// Alternating least squares in AssemblyScript; `npm run build:simd` compiles it into parallel.wasm, which is committed.
// Runs in several workers over one shared memory: every argument called "at" is a byte offset there, `scratchAt` is the worker's own.
// Each output row is written by one call, and its value does not depend on which worker makes it.

import { addFour, laneSums } from './four-rows'

function dot(aAt: usize, bAt: usize, stride: usize): f32 {
  let sum = f32x4.splat(0)
  for (let k: usize = 0; k < stride; k += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(aAt + k), v128.load(bAt + k)))
  return f32x4.extract_lane(laneSums(sum, sum, sum, sum), 0)
}

/** out += scale·x */
function addScaled(outAt: usize, xAt: usize, scale: f32, stride: usize): void {
  const s = f32x4.splat(scale)
  for (let k: usize = 0; k < stride; k += 16) {
    v128.store(outAt + k, f32x4.add(v128.load(outAt + k), f32x4.mul(s, v128.load(xAt + k))))
  }
}

/** out += sign·(gram·x + ridge·x); gram is symmetric, so its rows serve as its columns. */
function addGramProduct(outAt: usize, xAt: usize, gramAt: usize, ridge: f32, sign: f32, stride: usize): void {
  addScaled(outAt, xAt, sign * ridge, stride)
  let row = gramAt
  const s = f32x4.splat(sign)
  for (let k: usize = 0; k < stride; k += 16) {
    addFour(outAt, f32x4.mul(s, v128.load(xAt + k)), row, row + stride, row + 2 * stride, row + 3 * stride, stride)
    row += 4 * stride
  }
}

/** [y₀·x, y₁·x, y₂·x, y₃·x] of four rows y at a0 … a3 */
// @ts-ignore: decorator
@inline
function dotFour(xAt: usize, a0: usize, a1: usize, a2: usize, a3: usize, stride: usize): v128 {
  let d0 = f32x4.splat(0)
  let d1 = d0
  let d2 = d0
  let d3 = d0
  // A second set of sums, so that an addition need not wait for the one before.
  let e0 = d0
  let e1 = d0
  let e2 = d0
  let e3 = d0
  for (let k: usize = 0; k < stride; k += 64) {
    const b0 = a0 + k
    const b1 = a1 + k
    const b2 = a2 + k
    const b3 = a3 + k
    let x = v128.load(xAt + k)
    d0 = f32x4.add(d0, f32x4.mul(x, v128.load(b0)))
    d1 = f32x4.add(d1, f32x4.mul(x, v128.load(b1)))
    d2 = f32x4.add(d2, f32x4.mul(x, v128.load(b2)))
    d3 = f32x4.add(d3, f32x4.mul(x, v128.load(b3)))
    x = v128.load(xAt + k, 16)
    e0 = f32x4.add(e0, f32x4.mul(x, v128.load(b0, 16)))
    e1 = f32x4.add(e1, f32x4.mul(x, v128.load(b1, 16)))
    e2 = f32x4.add(e2, f32x4.mul(x, v128.load(b2, 16)))
    e3 = f32x4.add(e3, f32x4.mul(x, v128.load(b3, 16)))
    x = v128.load(xAt + k, 32)
    d0 = f32x4.add(d0, f32x4.mul(x, v128.load(b0, 32)))
    d1 = f32x4.add(d1, f32x4.mul(x, v128.load(b1, 32)))
    d2 = f32x4.add(d2, f32x4.mul(x, v128.load(b2, 32)))
    d3 = f32x4.add(d3, f32x4.mul(x, v128.load(b3, 32)))
    x = v128.load(xAt + k, 48)
    e0 = f32x4.add(e0, f32x4.mul(x, v128.load(b0, 48)))
    e1 = f32x4.add(e1, f32x4.mul(x, v128.load(b1, 48)))
    e2 = f32x4.add(e2, f32x4.mul(x, v128.load(b2, 48)))
    e3 = f32x4.add(e3, f32x4.mul(x, v128.load(b3, 48)))
  }
  return laneSums(f32x4.add(d0, e0), f32x4.add(d1, e1), f32x4.add(d2, e2), f32x4.add(d3, e3))
}

/** Four weights, 0 behind the last entry, where the next row's begin. */
// @ts-ignore: decorator
@inline
function weightsOfFour(weightAt: usize, left: i32): v128 {
  const w = v128.load(weightAt)
  return left >= 4 ? w : v128.and(w, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left)))
}

/**
 * One walk over the entries of a row, four at a time. With w the signed weight and y the factors of an entry:
 * `residual`: out += Σ (max(w, 0) − |w|·(y·x))·y, else out += Σ |w|·(y·x)·y.
 */
function addEntries(
  outAt: usize, xAt: usize, columnAt: usize, weightAt: usize, count: i32, fixedAt: usize, stride: usize, residual: bool,
): void {
  for (let left = count; left > 0; left -= 4) {
    const a0 = fixedAt + <usize>load<u32>(columnAt) * stride
    const a1 = fixedAt + <usize>load<u32>(columnAt, 4) * stride
    const a2 = fixedAt + <usize>load<u32>(columnAt, 8) * stride
    const a3 = fixedAt + <usize>load<u32>(columnAt, 12) * stride
    const w = weightsOfFour(weightAt, left)
    let s = f32x4.mul(f32x4.abs(w), dotFour(xAt, a0, a1, a2, a3, stride))
    if (residual) s = f32x4.sub(f32x4.max(w, f32x4.splat(0)), s)
    addFour(outAt, s, a0, a1, a2, a3, stride)
    columnAt += 16
    weightAt += 16
  }
}

/** Σ |w|·(y·x)² over the entries of a row */
function squaresOfEntries(xAt: usize, columnAt: usize, weightAt: usize, count: i32, fixedAt: usize, stride: usize): f32 {
  let sums = f32x4.splat(0)
  for (let left = count; left > 0; left -= 4) {
    const products = dotFour(
      xAt,
      fixedAt + <usize>load<u32>(columnAt) * stride,
      fixedAt + <usize>load<u32>(columnAt, 4) * stride,
      fixedAt + <usize>load<u32>(columnAt, 8) * stride,
      fixedAt + <usize>load<u32>(columnAt, 12) * stride,
      stride,
    )
    const w = f32x4.abs(weightsOfFour(weightAt, left))
    sums = f32x4.add(sums, f32x4.mul(w, f32x4.mul(products, products)))
    columnAt += 16
    weightAt += 16
  }
  return f32x4.extract_lane(laneSums(sums, sums, sums, sums), 0)
}

/**
 * Solves rows [from, to) of one side with the other side fixed, by conjugate gradients from where they stand:
 * (gram + ridge·I + Σ |w|·y·yᵀ)·x = Σ max(w, 0)·y over the row's entries.
 *
 * offsets u32 [rows + 1], columns u32 and weights f32 [entries + 3], fixed f32 [·, size], solved f32 [rows, size],
 * gram f32 [size, size], ridge f32 [rows]; size a multiple of 16; scratch 3·size·4 bytes.
 */
export function solveRows(
  from: i32, to: i32, scratchAt: usize, offsetsAt: usize, columnsAt: usize, weightsAt: usize,
  fixedAt: usize, solvedAt: usize, gramAt: usize, ridgeAt: usize, size: i32, steps: i32,
): void {
  const stride = <usize>size << 2
  const rAt = scratchAt
  const pAt = rAt + stride
  const qAt = pAt + stride
  for (let row = from; row < to; row++) {
    const start = load<u32>(offsetsAt + (<usize>row << 2))
    const count = <i32>(load<u32>(offsetsAt + (<usize>row << 2), 4) - start)
    const xAt = solvedAt + <usize>row * stride
    if (count == 0) {
      memory.fill(xAt, 0, stride)
      continue
    }
    const columnAt = columnsAt + (<usize>start << 2)
    const weightAt = weightsAt + (<usize>start << 2)
    const ridge = load<f32>(ridgeAt + (<usize>row << 2))
    memory.fill(rAt, 0, stride)
    addGramProduct(rAt, xAt, gramAt, ridge, -1, stride)
    addEntries(rAt, xAt, columnAt, weightAt, count, fixedAt, stride, true)
    memory.copy(pAt, rAt, stride)
    let squared = dot(rAt, rAt, stride)
    for (let step = 0; step < steps && squared > 1e-20; step++) {
      memory.fill(qAt, 0, stride)
      addGramProduct(qAt, pAt, gramAt, ridge, 1, stride)
      if (step == steps - 1) {
        // Of the last direction only how far to go is wanted: half a walk tells.
        const bend = dot(pAt, qAt, stride) + squaresOfEntries(pAt, columnAt, weightAt, count, fixedAt, stride)
        addScaled(xAt, pAt, squared / bend, stride)
        break
      }
      addEntries(qAt, pAt, columnAt, weightAt, count, fixedAt, stride, false)
      const length = squared / dot(pAt, qAt, stride)
      addScaled(xAt, pAt, length, stride)
      addScaled(rAt, qAt, -length, stride)
      const next = dot(rAt, rAt, stride)
      const turn = f32x4.splat(next / squared)
      for (let k: usize = 0; k < stride; k += 16) {
        v128.store(pAt + k, f32x4.add(v128.load(rAt + k), f32x4.mul(turn, v128.load(pAt + k))))
      }
      squared = next
    }
  }
}
