// Sums scattered over columns, in AssemblyScript: what kernels that walk sparse rows share.

/** sums[column] += 1 for each column of [entry, end) */
export function addOnes(sumsAt: usize, entry: usize, end: usize): void {
  for (; entry + 16 <= end; entry += 16) {
    const a = sumsAt + (<usize>load<u32>(entry) << 2)
    const b = sumsAt + (<usize>load<u32>(entry, 4) << 2)
    const c = sumsAt + (<usize>load<u32>(entry, 8) << 2)
    const d = sumsAt + (<usize>load<u32>(entry, 12) << 2)
    store<f32>(a, load<f32>(a) + 1)
    store<f32>(b, load<f32>(b) + 1)
    store<f32>(c, load<f32>(c) + 1)
    store<f32>(d, load<f32>(d) + 1)
  }
  for (; entry < end; entry += 4) {
    const sum = sumsAt + (<usize>load<u32>(entry) << 2)
    store<f32>(sum, load<f32>(sum) + 1)
  }
}

/** sums[column] += weight·value for each column of [entry, end) and its value */
export function addValues(sumsAt: usize, entry: usize, end: usize, value: usize, weight: f32): void {
  for (; entry < end; entry += 4) {
    const sum = sumsAt + (<usize>load<u32>(entry) << 2)
    store<f32>(sum, load<f32>(sum) + weight * load<f32>(value))
    value += 4
  }
}
