// Sparse rows that are added to scores, in AssemblyScript; `npm run build:simd` compiles it into packed-rows.wasm, which is committed.
// Every argument called "at" is a byte offset into the memory it was opened on.
//
// A packed row of `count` entries, a multiple of 4: values f32 [count], then columns [count], u16 where the matrix is `narrow`, else u32.
// Entries of value 0 pad it.

/** Buckets of positive floats by exponent and three bits of the mantissa; within one, by ten further bits. */
const coarse: usize = 2048
const fine: usize = 1024

/** Writes one entry of a row. */
// @ts-ignore: decorator
@inline
function put(valuesAt: usize, columnsAt: usize, entry: usize, value: f32, column: u32, narrow: bool): void {
  store<f32>(valuesAt + (entry << 2), value)
  if (narrow) store<u16>(columnsAt + (entry << 1), <u16>column)
  else store<u32>(columnsAt + (entry << 2), column)
}

/** The highest bucket from which on up there are at least `wanted`; `wanted` less those above it goes to `remaining`. */
let remaining: u32 = 0
function bucketOf(countsAt: usize, buckets: usize, wanted: u32): u32 {
  let bucket = <u32>buckets
  remaining = wanted
  while (bucket > 0) {
    bucket -= 1
    const count = load<u32>(countsAt + (<usize>bucket << 2))
    if (count >= remaining) break
    remaining -= count
  }
  return bucket
}

/** sums[column] += value; a column that was 0 becomes the next one found, without a branch: the one after it overwrites what was none. */
// @ts-ignore: decorator
@inline
function add(sumsAt: usize, column: u32, value: f32, foundAt: usize, count: u32): u32 {
  const sum = sumsAt + (<usize>column << 2)
  const before = load<f32>(sum)
  store<f32>(sum, before + value)
  store<u32>(foundAt + (<usize>count << 3), column, 4)
  return count + <u32>(before == 0)
}

/**
 * Rows [from, to) of xᵀ·x without its diagonal, packed one behind the other from `outAt` on: of each row the `most` greatest, in no order;
 * of nearly equal ones (one part in 8,000) those found first. Values of x are above 0.
 *
 * x by row: offsets u32, columns u32, values f32; the same by column with `other…`; sums f32 [size rounded up to 16], zeros and left so.
 * found: [size + 1] pairs of value and column, then 3,072 counters. starts u32 and counts u32 [size]: where each row lies, and its entries.
 * @returns the first byte behind the last row
 */
export function productRows(
  from: i32, to: i32, offsetsAt: usize, columnsAt: usize, valuesAt: usize,
  otherOffsetsAt: usize, otherColumnsAt: usize, otherValuesAt: usize,
  size: i32, most: u32, narrow: bool, sumsAt: usize, foundAt: usize, startsAt: usize, countsAt: usize, outAt: usize,
): usize {
  const histogramAt = foundAt + ((<usize>size + 1) << 3)
  const refinedAt = histogramAt + (coarse << 2)
  for (let row = from; row < to; row++) {
    let count: u32 = 0
    const last = load<u32>(otherOffsetsAt + (<usize>row << 2), 4)
    for (let at = load<u32>(otherOffsetsAt + (<usize>row << 2)); at < last; at++) {
      const weight = load<f32>(otherValuesAt + (<usize>at << 2))
      if (weight == 0) continue
      const w = f32x4.splat(weight)
      const rowAt = offsetsAt + (<usize>load<u32>(otherColumnsAt + (<usize>at << 2)) << 2)
      const first = load<u32>(rowAt)
      const end = columnsAt + (<usize>load<u32>(rowAt, 4) << 2)
      let value = valuesAt + (<usize>first << 2)
      let entry = columnsAt + (<usize>first << 2)
      for (; entry + 16 <= end; entry += 16) {
        const v = f32x4.mul(w, v128.load(value))
        count = add(sumsAt, load<u32>(entry), f32x4.extract_lane(v, 0), foundAt, count)
        count = add(sumsAt, load<u32>(entry, 4), f32x4.extract_lane(v, 1), foundAt, count)
        count = add(sumsAt, load<u32>(entry, 8), f32x4.extract_lane(v, 2), foundAt, count)
        count = add(sumsAt, load<u32>(entry, 12), f32x4.extract_lane(v, 3), foundAt, count)
        value += 16
      }
      for (; entry < end; entry += 4) {
        count = add(sumsAt, load<u32>(entry), weight * load<f32>(value), foundAt, count)
        value += 4
      }
    }
    // The diagonal counts as a pair of value 0, and is the least of all.
    store<f32>(sumsAt + (<usize>row << 2), 0)
    memory.fill(histogramAt, 0, (coarse + fine) << 2)
    for (let i: u32 = 0; i < count; i++) {
      const pair = foundAt + (<usize>i << 3)
      const sum = sumsAt + (<usize>load<u32>(pair, 4) << 2)
      const bits = load<u32>(sum)
      store<u32>(sum, 0)
      store<u32>(pair, bits)
      const counter = histogramAt + (<usize>(bits >> 20) << 2)
      store<u32>(counter, load<u32>(counter) + 1)
    }
    // Values of a key above this are kept, those of the key itself while there is room.
    let least: u32 = 0
    let room: u32 = count
    if (count > most) {
      const bucket = bucketOf(histogramAt, coarse, most)
      for (let i: u32 = 0; i < count; i++) {
        const bits = load<u32>(foundAt + (<usize>i << 3))
        if (bits >> 20 != bucket) continue
        const counter = refinedAt + (<usize>((bits >> 10) & 1023) << 2)
        store<u32>(counter, load<u32>(counter) + 1)
      }
      least = (bucket << 10) | bucketOf(refinedAt, fine, remaining)
      room = remaining
    }
    const kept = min(count, most)
    const padded = (kept + 3) & ~3
    const columnsOut = outAt + (<usize>padded << 2)
    let entry: usize = 0
    for (let i: u32 = 0; i < count && entry < kept; i++) {
      const pair = foundAt + (<usize>i << 3)
      const key = load<u32>(pair) >> 10
      const even = <u32>(key == least) & <u32>(room > 0)
      room -= even
      put(outAt, columnsOut, entry, load<f32>(pair), load<u32>(pair, 4), narrow)
      entry += <u32>(key > least) | even
    }
    while (entry < padded) put(outAt, columnsOut, entry++, 0, 0, narrow)
    store<u32>(startsAt + (<usize>row << 2), <u32>outAt)
    store<u32>(countsAt + (<usize>row << 2), padded)
    outAt = (columnsOut + (<usize>padded << (narrow ? 1 : 2)) + 15) & ~15
  }
  return outAt
}

/** sums f32 [·] += weight · each of the rows i32 [count] */
export function addRows(
  rowsAt: usize, count: i32, startsAt: usize, countsAt: usize, narrow: bool, weight: f32, sumsAt: usize,
): void {
  const w = f32x4.splat(weight)
  for (let i = 0; i < count; i++) {
    const row = <usize>load<u32>(rowsAt + (<usize>i << 2)) << 2
    let value = <usize>load<u32>(startsAt + row)
    const end = value + (<usize>load<u32>(countsAt + row) << 2)
    let column = end
    while (value < end) {
      const v = f32x4.mul(w, v128.load(value))
      let a: usize, b: usize, c: usize, d: usize
      if (narrow) {
        const four = load<u64>(column)
        a = sumsAt + (<usize>(four & 0xffff) << 2)
        b = sumsAt + (<usize>((four >> 16) & 0xffff) << 2)
        c = sumsAt + (<usize>((four >> 32) & 0xffff) << 2)
        d = sumsAt + (<usize>(four >> 48) << 2)
        column += 8
      } else {
        a = sumsAt + (<usize>load<u32>(column) << 2)
        b = sumsAt + (<usize>load<u32>(column, 4) << 2)
        c = sumsAt + (<usize>load<u32>(column, 8) << 2)
        d = sumsAt + (<usize>load<u32>(column, 12) << 2)
        column += 16
      }
      store<f32>(a, load<f32>(a) + f32x4.extract_lane(v, 0))
      store<f32>(b, load<f32>(b) + f32x4.extract_lane(v, 1))
      store<f32>(c, load<f32>(c) + f32x4.extract_lane(v, 2))
      store<f32>(d, load<f32>(d) + f32x4.extract_lane(v, 3))
      value += 16
    }
  }
}
