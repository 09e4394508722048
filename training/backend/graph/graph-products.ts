import { AppError } from '../../../errors.ts'
import type { GraphTape, GraphTensor } from './graph-tape.ts'
import { broadcastShape } from './ops.ts'

/** a·b without a gradient. onnxruntime fuses the Transpose of the last two axes into the product, so that nothing is copied. */
export function multiplyMatrices(
  tape: GraphTape,
  a: GraphTensor,
  b: GraphTensor,
  transposeA: boolean,
  transposeB: boolean,
): GraphTensor {
  const [m, inner] = matrixShape(a, transposeA)
  const [innerB, n] = matrixShape(b, transposeB)
  if (inner !== innerB) throw new AppError('INTERNAL', `Cannot multiply [${a.shape}] by [${b.shape}].`)
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const shape = [...lead, m, n]
  if (!transposeA && !transposeB) return tape.node('MatMul', [a, b], shape)
  if (a.shape.length === 2 && b.shape.length === 2) {
    return tape.node('Gemm', [a, b], shape, { transA: Number(transposeA), transB: Number(transposeB) })
  }
  return tape.node('MatMul', [transposeA ? turned(tape, a) : a, transposeB ? turned(tape, b) : b], shape)
}

const matrixShape = ({ shape }: GraphTensor, transposed: boolean): [number, number] =>
  transposed ? [shape.at(-1)!, shape.at(-2)!] : [shape.at(-2)!, shape.at(-1)!]

function turned(tape: GraphTape, x: GraphTensor): GraphTensor {
  const axes = [...x.shape.keys()]
  const permutation = [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]
  return tape.node(
    'Transpose',
    [x],
    permutation.map((axis) => x.shape[axis]!),
    { perm: permutation },
  )
}
