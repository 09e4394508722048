import type { TensorInfo } from '@tensorflow/tfjs-core'
import { heapView, type Kernel } from './override.ts'

const isColumnAxis = (axis: unknown): boolean => axis === 1 || axis === -1

/** Concat of float matrices side by side; other axes and ranks stay with the stock kernel. */
export const concatColumns: Kernel = ({ inputs, attributes, backend }) => {
  const parts = Object.values(inputs) as TensorInfo[]
  if (!isColumnAxis(attributes.axis)) return undefined
  if (parts.some(({ shape, dtype }) => shape.length !== 2 || dtype !== 'float32')) return undefined
  const rows = parts[0]!.shape[0]!
  const columns = parts.reduce((sum, { shape }) => sum + shape[1]!, 0)
  const out = backend.makeOutput([rows, columns], 'float32')
  const to = heapView(backend, out)
  let offset = 0
  for (const part of parts) {
    const width = part.shape[1]!
    copyColumns({
      from: heapView(backend, part),
      fromWidth: width,
      fromOffset: 0,
      to,
      toWidth: columns,
      toOffset: offset,
      rows,
      width,
    })
    offset += width
  }
  return out
}

/** SplitV of a float matrix into groups of columns; other axes and ranks stay with the stock kernel. */
export const splitColumns: Kernel = ({ inputs, attributes, backend }) => {
  const x = inputs.x!
  if (x.shape.length !== 2 || x.dtype !== 'float32' || !isColumnAxis(attributes.axis)) return undefined
  const [rows, columns] = x.shape as [number, number]
  const wanted = attributes.numOrSizeSplits as number | number[]
  const widths = typeof wanted === 'number' ? Array<number>(wanted).fill(columns / wanted) : wanted
  if (widths.some((width) => width < 0)) return undefined
  const parts: TensorInfo[] = widths.map((width) => backend.makeOutput([rows, width], 'float32'))
  const from = heapView(backend, x)
  let offset = 0
  for (const [i, part] of parts.entries()) {
    const width = widths[i]!
    copyColumns({
      from,
      fromWidth: columns,
      fromOffset: offset,
      to: heapView(backend, part),
      toWidth: width,
      toOffset: 0,
      rows,
      width,
    })
    offset += width
  }
  return parts
}

interface ColumnCopy {
  readonly from: Float32Array
  readonly fromWidth: number
  readonly fromOffset: number
  readonly to: Float32Array
  readonly toWidth: number
  readonly toOffset: number
  readonly rows: number
  readonly width: number
}

function copyColumns({ from, fromWidth, fromOffset, to, toWidth, toOffset, rows, width }: ColumnCopy): void {
  for (let row = 0; row < rows; row++) {
    const source = row * fromWidth + fromOffset
    const target = row * toWidth + toOffset
    for (let column = 0; column < width; column++) to[target + column] = from[source + column]!
  }
}
