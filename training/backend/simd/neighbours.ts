// Nearest rows by cosine in AssemblyScript; compiled into parallel.wasm as least-squares.ts is, with the same rules.
import { addOnes, addValues } from './scattered-sums'

/** Whether a stands behind b in a ranking: a smaller value, or the same with a higher column. */
// @ts-ignore: decorator
@inline
function behind(aValue: f32, aColumn: u32, bValue: f32, bColumn: u32): bool {
  return aValue < bValue || (aValue == bValue && aColumn > bColumn)
}

/** Restores the heap below `at`, whose root is the entry that stands behind all others; an entry is a value and its column. */
function sink(heapAt: usize, at: u32, count: u32, value: f32, column: u32): void {
  for (;;) {
    let child: u32 = 2 * at + 1
    if (child >= count) break
    let childAt = heapAt + (<usize>child << 3)
    if (child + 1 < count && behind(load<f32>(childAt, 8), load<u32>(childAt, 12), load<f32>(childAt), load<u32>(childAt, 4))) {
      child += 1
      childAt += 8
    }
    if (!behind(load<f32>(childAt), load<u32>(childAt, 4), value, column)) break
    store<u64>(heapAt + (<usize>at << 3), load<u64>(childAt))
    at = child
  }
  store<f32>(heapAt + (<usize>at << 3), value)
  store<u32>(heapAt + (<usize>at << 3), column, 4)
}

/** Puts an entry into a heap that is not full yet. */
function rise(heapAt: usize, at: u32, value: f32, column: u32): void {
  while (at > 0) {
    const parent = (at - 1) >> 1
    const parentAt = heapAt + (<usize>parent << 3)
    if (!behind(value, column, load<f32>(parentAt), load<u32>(parentAt, 4))) break
    store<u64>(heapAt + (<usize>at << 3), load<u64>(parentAt))
    at = parent
  }
  store<f32>(heapAt + (<usize>at << 3), value)
  store<u32>(heapAt + (<usize>at << 3), column, 4)
}

/** Of the heap of one row, while its columns are walked: how many it holds, and the square of the least when it is full. */
let kept: u32 = 0
let worstSquared: f64 = 0

/** Offers dot·norms of one column to the heap. */
// @ts-ignore: decorator
@inline
function offer(heapAt: usize, k: u32, sum: f32, ownSquare: f64, column: u32, squaresAt: usize, shrinkage: f64): void {
  if (sum <= 0) return
  const product = ownSquare * load<f64>(squaresAt + (<usize>column << 3))
  // Most columns are far behind: known without a root. The margin keeps what rounding could call equal.
  if (kept == k && <f64>sum * <f64>sum < worstSquared * product) return
  const value = <f32>(<f64>sum / (Math.sqrt(product) + shrinkage))
  if (kept < k) rise(heapAt, kept++, value, column)
  else if (behind(load<f32>(heapAt), load<u32>(heapAt, 4), value, column)) sink(heapAt, 0, k, value, column)
  else return
  if (kept == k) {
    const worst = <f64>load<f32>(heapAt)
    worstSquared = worst * worst * (1 - 1e-6)
  }
}

/**
 * For rows [from, to) of a sparse matrix their k nearest rows: x_i·x_j / (√(‖x_i‖²·‖x_j‖²) + shrinkage), positive ones only, best first, the
 * lower index first among equals; −1 pads. The products of a row with all others are summed in scratch, and only the k best stay.
 *
 * The matrix by row: offsets u32 [rows + 1], columns u32 and values f32 [entries]; by column the same with `other…`, rows ascending.
 * Both `…valuesAt` 0: every value is 1. squares f64 [rows]: ‖x‖². outItems i32 and outValues f32 [rows, k]. scratch: [rows] f32, zeros (and left so), then [k] pairs.
 */
export function nearestRows(
  from: i32, to: i32, scratchAt: usize, offsetsAt: usize, columnsAt: usize, valuesAt: usize,
  otherOffsetsAt: usize, otherColumnsAt: usize, otherValuesAt: usize, squaresAt: usize,
  outItemsAt: usize, outValuesAt: usize, rows: i32, k: i32, shrinkage: f64,
): void {
  const heapAt = (scratchAt + (<usize>rows << 2) + 31) & ~15
  for (let row = from; row < to; row++) {
    const firstAt = load<u32>(offsetsAt + (<usize>row << 2))
    const lastAt = load<u32>(offsetsAt + (<usize>row << 2), 4)
    let additions: u32 = 0
    for (let at = firstAt; at < lastAt; at++) {
      const columnAt = otherOffsetsAt + (<usize>load<u32>(columnsAt + (<usize>at << 2)) << 2)
      const first = load<u32>(columnAt)
      const last = load<u32>(columnAt, 4)
      additions += last - first
      const entry = otherColumnsAt + (<usize>first << 2)
      const end = otherColumnsAt + (<usize>last << 2)
      if (otherValuesAt == 0) addOnes(scratchAt, entry, end)
      else addValues(scratchAt, entry, end, otherValuesAt + (<usize>first << 2), load<f32>(valuesAt + (<usize>at << 2)))
    }
    store<f32>(scratchAt + (<usize>row << 2), 0)
    kept = 0
    const ownSquare = load<f64>(squaresAt + (<usize>row << 3))
    if (additions > <u32>rows >> 2) {
      // Most sums were touched: walk all of them, four at a time.
      for (let column: i32 = 0; column < rows; column += 4) {
        const sums = scratchAt + (<usize>column << 2)
        const four = v128.load(sums)
        if (!v128.any_true(four)) continue
        v128.store(sums, f32x4.splat(0))
        offer(heapAt, k, f32x4.extract_lane(four, 0), ownSquare, column, squaresAt, shrinkage)
        offer(heapAt, k, f32x4.extract_lane(four, 1), ownSquare, column + 1, squaresAt, shrinkage)
        offer(heapAt, k, f32x4.extract_lane(four, 2), ownSquare, column + 2, squaresAt, shrinkage)
        offer(heapAt, k, f32x4.extract_lane(four, 3), ownSquare, column + 3, squaresAt, shrinkage)
      }
    } else {
      for (let at = firstAt; at < lastAt; at++) {
        const columnAt = otherOffsetsAt + (<usize>load<u32>(columnsAt + (<usize>at << 2)) << 2)
        const end = otherColumnsAt + (<usize>load<u32>(columnAt, 4) << 2)
        for (let entry = otherColumnsAt + (<usize>load<u32>(columnAt) << 2); entry < end; entry += 4) {
          const column = load<u32>(entry)
          const sum = scratchAt + (<usize>column << 2)
          offer(heapAt, k, load<f32>(sum), ownSquare, column, squaresAt, shrinkage)
          store<f32>(sum, 0)
        }
      }
    }
    // Taking the last entry off the heap again and again leaves the best first.
    const outAt = <usize>row * k
    for (let place: u32 = kept; place < <u32>k; place++) {
      store<i32>(outItemsAt + ((outAt + place) << 2), -1)
      store<f32>(outValuesAt + ((outAt + place) << 2), 0)
    }
    while (kept > 0) {
      kept--
      store<u32>(outItemsAt + ((outAt + kept) << 2), load<u32>(heapAt, 4))
      store<f32>(outValuesAt + ((outAt + kept) << 2), load<f32>(heapAt))
      const lastPair = heapAt + (<usize>kept << 3)
      sink(heapAt, 0, kept, load<f32>(lastPair), load<u32>(lastPair, 4))
    }
  }
}
