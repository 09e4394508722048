import os from 'node:os'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { AppError } from '../../errors.ts'
import { OnnxGraph } from '../export/onnx-graph.ts'

/** A dense matrix, row-major. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  /** `[rows · columns]` */
  readonly values: Float32Array
}

export interface MultiplyOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  /** Where the product goes; its memory is reused. A new array when absent. */
  readonly out?: Float32Array
}

/**
 * a·b on all cores, by onnxruntime's matrix multiplication: three to five times the speed of WebAssembly, at the cost of a call (20 µs).
 * The event loop stands still while it runs.
 *
 * @param a `[m, k]`, or `[k, m]` with `transposeA`
 * @param b `[k, n]`, or `[n, k]` with `transposeB`
 * @returns `[m, n]`
 * @throws AppError INTERNAL when the shapes do not fit
 */
export async function multiply(a: Matrix, b: Matrix, options: MultiplyOptions = {}): Promise<Matrix> {
  const { transposeA = false, transposeB = false } = options
  const [m, k] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns]
  const [inner, n] = transposeB ? [b.columns, b.rows] : [b.rows, b.columns]
  const out = options.out ?? new Float32Array(m * n)
  if (k !== inner || out.length !== m * n || a.values.length !== m * k || b.values.length !== k * n) {
    throw new AppError(
      'INTERNAL',
      `Cannot multiply [${m}, ${k}] (${a.values.length} values) by [${inner}, ${n}] (${b.values.length}) into ${out.length}.`,
    )
  }
  if (k === 0) out.fill(0)
  if (out.length === 0 || k === 0) return { rows: m, columns: n, values: out }
  const session = await gemm(transposeA, transposeB)
  await session.run({ a: tensorOf(a), b: tensorOf(b) }, { c: new Tensor('float32', out, [m, n]) })
  return { rows: m, columns: n, values: out }
}

const tensorOf = ({ rows, columns, values }: Matrix): Tensor => new Tensor('float32', values, [rows, columns])

const sessions = new Map<string, Promise<InferenceSession>>()

/** One session for each way to transpose, opened when first used. */
function gemm(transposeA: boolean, transposeB: boolean): Promise<InferenceSession> {
  const key = `${transposeA}/${transposeB}`
  const open = sessions.get(key)
  if (open !== undefined) return open
  const graph = new OnnxGraph('gemm')
  const inputs = [graph.input('a', 'float32', [-1, -1]), graph.input('b', 'float32', [-1, -1])]
  const attributes = { transA: Number(transposeA), transB: Number(transposeB) }
  graph.output('c', graph.node('Gemm', inputs, attributes), 'float32', [-1, -1])
  const opened = InferenceSession.create(graph.build(), {
    intraOpNumThreads: Math.max(1, os.availableParallelism()),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Threads wait asleep: a spinning one takes the core from whatever runs between two products.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  sessions.set(key, opened)
  return opened
}
