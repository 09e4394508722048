// Four vectors at a time in AssemblyScript: what kernels that gather rows share.

/** Sums of four vectors' lanes: [Σa, Σb, Σc, Σd]. */
// @ts-ignore: decorator
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

/** out += s0·a0 + s1·a1 + s2·a2 + s3·a3, the scalars being the lanes of s. */
// @ts-ignore: decorator
@inline
export function addFour(outAt: usize, s: v128, a0: usize, a1: usize, a2: usize, a3: usize, stride: usize): void {
  const s0 = v128.shuffle<f32>(s, s, 0, 0, 0, 0)
  const s1 = v128.shuffle<f32>(s, s, 1, 1, 1, 1)
  const s2 = v128.shuffle<f32>(s, s, 2, 2, 2, 2)
  const s3 = v128.shuffle<f32>(s, s, 3, 3, 3, 3)
  for (let k: usize = 0; k < stride; k += 64) {
    const b0 = a0 + k
    const b1 = a1 + k
    const b2 = a2 + k
    const b3 = a3 + k
    const out = outAt + k
    let low = f32x4.add(f32x4.mul(s0, v128.load(b0)), f32x4.mul(s1, v128.load(b1)))
    let high = f32x4.add(f32x4.mul(s2, v128.load(b2)), f32x4.mul(s3, v128.load(b3)))
    v128.store(out, f32x4.add(v128.load(out), f32x4.add(low, high)))
    low = f32x4.add(f32x4.mul(s0, v128.load(b0, 16)), f32x4.mul(s1, v128.load(b1, 16)))
    high = f32x4.add(f32x4.mul(s2, v128.load(b2, 16)), f32x4.mul(s3, v128.load(b3, 16)))
    v128.store(out, f32x4.add(v128.load(out, 16), f32x4.add(low, high)), 16)
    low = f32x4.add(f32x4.mul(s0, v128.load(b0, 32)), f32x4.mul(s1, v128.load(b1, 32)))
    high = f32x4.add(f32x4.mul(s2, v128.load(b2, 32)), f32x4.mul(s3, v128.load(b3, 32)))
    v128.store(out, f32x4.add(v128.load(out, 32), f32x4.add(low, high)), 32)
    low = f32x4.add(f32x4.mul(s0, v128.load(b0, 48)), f32x4.mul(s1, v128.load(b1, 48)))
    high = f32x4.add(f32x4.mul(s2, v128.load(b2, 48)), f32x4.mul(s3, v128.load(b3, 48)))
    v128.store(out, f32x4.add(v128.load(out, 48), f32x4.add(low, high)), 48)
  }
}
