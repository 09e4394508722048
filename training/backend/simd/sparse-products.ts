// Sparse times dense in AssemblyScript; compiled into parallel.wasm as least-squares.ts is, with the same rules.
import { addFour } from './four-rows'
import { addOnes, addValues } from './scattered-sums'

/**
 * Rows [from, to) of a sparse matrix times a dense one.
 *
 * offsets u32 [rows + 1], columns u32 and values f32 [entries + 3], dense f32 [·, width], out f32 [rows, width]; width a multiple of 16.
 */
export function sparseTimesDense(
  from: i32, to: i32, scratchAt: usize, offsetsAt: usize, columnsAt: usize, valuesAt: usize, denseAt: usize, outAt: usize,
  width: i32,
): void {
  const stride = <usize>width << 2
  for (let row = from; row < to; row++) {
    const first = load<u32>(offsetsAt + (<usize>row << 2))
    const count = <i32>(load<u32>(offsetsAt + (<usize>row << 2), 4) - first)
    const rowAt = outAt + <usize>row * stride
    memory.fill(rowAt, 0, stride)
    let columnAt = columnsAt + (<usize>first << 2)
    let valueAt = valuesAt + (<usize>first << 2)
    for (let entry = 0; entry < count; entry += 4) {
      const left = count - entry
      let w = v128.load(valueAt)
      // Lanes behind the last entry repeat the first of the four, with weight 0.
      const a0 = denseAt + <usize>load<u32>(columnAt) * stride
      let a1 = a0
      let a2 = a0
      let a3 = a0
      if (left > 1) a1 = denseAt + <usize>load<u32>(columnAt, 4) * stride
      else w = f32x4.replace_lane(w, 1, 0)
      if (left > 2) a2 = denseAt + <usize>load<u32>(columnAt, 8) * stride
      else w = f32x4.replace_lane(w, 2, 0)
      if (left > 3) a3 = denseAt + <usize>load<u32>(columnAt, 12) * stride
      else w = f32x4.replace_lane(w, 3, 0)
      addFour(rowAt, w, a0, a1, a2, a3, stride)
      columnAt += 16
      valueAt += 16
    }
  }
}

/**
 * Rows [from, to) of the lower triangle of xᵀ·x, with the diagonal: one addition for each pair within a row of x.
 *
 * x f32 by row, columns ascending: columns u32 and values f32 [entries], valuesAt 0 where every value is 1. By column: offsets u32 [size + 1];
 * places u32 [entries], where each entry stands in its row; firsts u32 [entries], where that row starts. out f32 [size, size], zeros.
 */
export function gramRows(
  from: i32, to: i32, scratchAt: usize, columnsAt: usize, valuesAt: usize, offsetsAt: usize, placesAt: usize,
  firstsAt: usize, outAt: usize, size: i32,
): void {
  for (let row = from; row < to; row++) {
    const sumsAt = outAt + ((<usize>row * <usize>size) << 2)
    const last = load<u32>(offsetsAt + (<usize>row << 2), 4)
    for (let at = load<u32>(offsetsAt + (<usize>row << 2)); at < last; at++) {
      const first = <usize>load<u32>(firstsAt + (<usize>at << 2)) << 2
      const place = <usize>load<u32>(placesAt + (<usize>at << 2)) << 2
      // What comes after in its row is of higher columns.
      const end = columnsAt + place + 4
      if (valuesAt == 0) addOnes(sumsAt, columnsAt + first, end)
      else addValues(sumsAt, columnsAt + first, end, valuesAt + first, load<f32>(valuesAt + place))
    }
  }
}
