// Stochastic gradient of pairwise ranking in AssemblyScript; compiled into parallel.wasm as least-squares.ts is, with the same rules.

/**
 * Steps of BPR for triples [from, to), one after the other: with z = x·(y − n) + b_y − b_n and g = 1 / (1 + e^z),
 * x += rate·(g·(y − n) − l2·x), y += rate·(g·x − l2·y), n += rate·(−g·x − l2·n), b_y += rate·(g − l2·b_y), b_n += rate·(−g − l2·b_n).
 *
 * triples u32 [·, 3]: user, liked item, other item (two different ones); users f32 [·, size], items f32 [·, size], biases f32 [·];
 * size a multiple of 4.
 */
export function pairwiseSteps(
  from: i32, to: i32, scratchAt: usize, triplesAt: usize, usersAt: usize, itemsAt: usize, biasesAt: usize,
  size: i32, rate: f32, l2: f32,
): void {
  const stride = <usize>size << 2
  const keep = f32x4.splat(1 - rate * l2)
  for (let triple = from; triple < to; triple++) {
    const at = triplesAt + <usize>triple * 12
    const xAt = usersAt + <usize>load<u32>(at) * stride
    const likedAt = itemsAt + <usize>load<u32>(at, 4) * stride
    const otherAt = itemsAt + <usize>load<u32>(at, 8) * stride
    const likedBias = biasesAt + (<usize>load<u32>(at, 4) << 2)
    const otherBias = biasesAt + (<usize>load<u32>(at, 8) << 2)
    let sum = f32x4.splat(0)
    for (let k: usize = 0; k < stride; k += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(xAt + k), f32x4.sub(v128.load(likedAt + k), v128.load(otherAt + k))))
    }
    const z =
      f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3) +
      load<f32>(likedBias) - load<f32>(otherBias)
    const step: f32 = rate / (1 + Mathf.exp(z))
    store<f32>(likedBias, load<f32>(likedBias) * (1 - rate * l2) + step)
    store<f32>(otherBias, load<f32>(otherBias) * (1 - rate * l2) - step)
    const g = f32x4.splat(step)
    for (let k: usize = 0; k < stride; k += 16) {
      const x = v128.load(xAt + k)
      const y = v128.load(likedAt + k)
      const n = v128.load(otherAt + k)
      const gx = f32x4.mul(g, x)
      v128.store(xAt + k, f32x4.add(f32x4.mul(keep, x), f32x4.mul(g, f32x4.sub(y, n))))
      v128.store(likedAt + k, f32x4.add(f32x4.mul(keep, y), gx))
      v128.store(otherAt + k, f32x4.sub(f32x4.mul(keep, n), gx))
    }
  }
}
