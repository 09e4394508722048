// Histograms of boosted trees in AssemblyScript; compiled into parallel.wasm as least-squares.ts is, with the same rules.

/**
 * For features [from, to) of a list: sums of the pairs of a leaf's rows by the code of the feature, and, where `parentAt` is not 0, those sums
 * taken off the histograms there.
 *
 * features u32 [·], bounds u32 [all + 1]: the place of each feature's first code in a histogram; codes u8 [all, rowCount];
 * rows u32 [count], pairs f32 [count, 2]; out and parent f64 [codes of all, 2].
 */
export function leafHistograms(
  from: i32, to: i32, scratchAt: usize, featuresAt: usize, boundsAt: usize, codesAt: usize, rowCount: i32, rowsAt: usize,
  pairsAt: usize, count: i32, outAt: usize, parentAt: usize,
): void {
  const last = rowsAt + (<usize>count << 2)
  for (let i = from; i < to; i++) {
    const feature = <usize>load<u32>(featuresAt + (<usize>i << 2))
    const begin = <usize>load<u32>(boundsAt + (feature << 2)) << 4
    const end = <usize>load<u32>(boundsAt + (feature << 2), 4) << 4
    const histogram = outAt + begin
    const codes = codesAt + feature * <usize>rowCount
    memory.fill(histogram, 0, end - begin)
    let pair = pairsAt
    for (let row = rowsAt; row < last; row += 4) {
      const bin = histogram + (<usize>load<u8>(codes + <usize>load<u32>(row)) << 4)
      v128.store(bin, f64x2.add(v128.load(bin), f64x2.promote_low_f32x4(v128.load64_zero(pair))))
      pair += 8
    }
    if (parentAt === 0) continue
    for (let at = begin; at < end; at += 16) {
      v128.store(parentAt + at, f64x2.sub(v128.load(parentAt + at), v128.load(outAt + at)))
    }
  }
}
