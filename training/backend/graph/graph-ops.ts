import { AppError } from '../../../errors.ts'
import { multiplyMatrices } from './graph-products.ts'
import { softmaxLosses } from './graph-softmax-losses.ts'
import type { GraphTape, GraphTensor } from './graph-tape.ts'
import { broadcastShape, type Ops } from './ops.ts'

/** The operators as nodes of an ONNX graph, each with its gradient. */
export function graphOps(tape: GraphTape): Ops<GraphTensor> {
  const node = tape.node.bind(tape)
  const product = (a: GraphTensor, b: GraphTensor): GraphTensor => node('Mul', [a, b], broadcastShape(a.shape, b.shape))
  const lastAxis = (x: GraphTensor): readonly number[] => [...x.shape.slice(0, -1), 1]
  const sumLast = (x: GraphTensor): GraphTensor =>
    node('ReduceSum', [x, tape.integers([-1])], lastAxis(x), { keepdims: 1 })
  const meanLast = (x: GraphTensor): GraphTensor => node('ReduceMean', [x], lastAxis(x), { axes: [-1], keepdims: 1 })

  const matMul: Ops<GraphTensor>['matMul'] = (a, b, { transposeA = false, transposeB = false } = {}) => {
    const out = multiplyMatrices(tape, a, b, transposeA, transposeB)
    tape.onBackward(out, (g) => {
      tape.addGradient(a, () =>
        transposeA ? multiplyMatrices(tape, b, g, transposeB, true) : multiplyMatrices(tape, g, b, false, !transposeB),
      )
      tape.addGradient(b, () =>
        transposeB ? multiplyMatrices(tape, g, a, true, transposeA) : multiplyMatrices(tape, a, g, !transposeA, false),
      )
    })
    return out
  }

  return {
    shapeOf: ({ shape }) => shape,
    constant: (values, shape) => tape.constant(values, shape),
    matMul,
    add(a, b) {
      const out = node('Add', [a, b], broadcastShape(a.shape, b.shape))
      tape.onBackward(out, (g) => {
        tape.addGradient(a, () => g)
        tape.addGradient(b, () => g)
      })
      return out
    },
    multiply(a, b) {
      const out = product(a, b)
      tape.onBackward(out, (g) => {
        tape.addGradient(a, () => product(g, b))
        tape.addGradient(b, () => product(g, a))
      })
      return out
    },
    scale(x, factor) {
      const by = tape.scalar(factor)
      const out = node('Mul', [x, by], x.shape)
      tape.onBackward(out, (g) => tape.addGradient(x, () => node('Mul', [g, by], g.shape)))
      return out
    },
    relu(x) {
      const out = node('Relu', [x], x.shape)
      tape.onBackward(out, (g) => tape.addGradient(x, () => product(g, node('Sign', [out], x.shape))))
      return out
    },
    softmax(x) {
      const out = node('Softmax', [x], x.shape, { axis: -1 })
      // dx = p ⊙ (g − Σ g ⊙ p)
      tape.onBackward(out, (g) =>
        tape.addGradient(x, () => product(out, node('Sub', [g, sumLast(product(g, out))], x.shape))),
      )
      return out
    },
    layerNorm(x, gain, bias) {
      const [out, mean, inverse] = normalise(tape, x, gain, bias)
      // With h = (x − mean)·inverse and g' = g ⊙ gain: dx = inverse·(g' − mean(g') − h ⊙ mean(g' ⊙ h))
      tape.onBackward(out, (g) => {
        const h = product(node('Sub', [x, mean], x.shape), inverse)
        tape.addGradient(gain, () => product(g, h))
        tape.addGradient(bias, () => g)
        tape.addGradient(x, () => {
          const scaled = product(g, gain)
          const centred = node('Sub', [scaled, meanLast(scaled)], x.shape)
          const along = product(h, meanLast(product(scaled, h)))
          return product(node('Sub', [centred, along], x.shape), inverse)
        })
      })
      return out
    },
    reshape(x, shape) {
      const out = tape.reshape(x, shape)
      tape.onBackward(out, (g) => tape.addGradient(x, () => tape.reshape(g, x.shape)))
      return out
    },
    transpose(x, permutation) {
      const shape = permutation.map((axis) => x.shape[axis]!)
      const out = node('Transpose', [x], shape, { perm: permutation })
      const inverse = permutation.map((_, axis) => permutation.indexOf(axis))
      tape.onBackward(out, (g) => tape.addGradient(x, () => node('Transpose', [g], x.shape, { perm: inverse })))
      return out
    },
    split: (x, parts) => splitRows(tape, x, parts),
    sum(x, axis) {
      const shape = x.shape.with(axis, 1)
      const out = node('ReduceSum', [x, tape.integers([axis])], shape, { keepdims: 1 })
      tape.onBackward(out, (g) => tape.addGradient(x, () => node('Expand', [g, tape.integers(x.shape)], x.shape)))
      return out
    },
    rows(table, indices) {
      const out = node('Gather', [table, indices], [...indices.shape, ...table.shape.slice(1)], { axis: 0 })
      tape.onBackward(out, (g) => tape.addRowGradient(table, indices, g))
      return out
    },
    whereEqual(a, b, then, otherwise) {
      if (then.learned || otherwise.learned) {
        throw new AppError('INTERNAL', 'whereEqual passes no gradient on; its values must not depend on parameters.')
      }
      const shape = broadcastShape(a.shape, b.shape)
      const equal = node('Equal', [a, b], shape)
      const whole = broadcastShape(shape, broadcastShape(then.shape, otherwise.shape))
      return node('Where', [equal, then, otherwise], whole)
    },
    ...softmaxLosses(tape),
  }
}

function splitRows(tape: GraphTape, x: GraphTensor, parts: number): readonly GraphTensor[] {
  const shape = x.shape.with(0, x.shape[0]! / parts)
  const values = tape.graph.nodes('Split', [x.value], parts, { axis: 0 })
  const outputs = values.map((value) => ({ value, shape, learned: x.learned }))
  // Steps run backwards: the first part comes last, when the gradients of all are there.
  const gradients: GraphTensor[] = []
  for (const [part, output] of outputs.entries()) {
    tape.onBackward(output, (g) => {
      gradients[part] = g
      if (part > 0) return
      const all = gradients.filter((gradient) => gradient !== undefined)
      if (all.length < parts) throw new AppError('INTERNAL', `${parts - all.length} parts of a split are not used.`)
      tape.addGradient(x, () => tape.node('Concat', all, x.shape, { axis: 0 }))
    })
  }
  return outputs
}

/** The forward operator with its by-products: y, mean and 1/σ, the latter two `[…, 1]`. */
function normalise(
  tape: GraphTape,
  x: GraphTensor,
  gain: GraphTensor,
  bias: GraphTensor,
): [GraphTensor, GraphTensor, GraphTensor] {
  const attributes = { axis: -1, epsilon: { float: 1e-5 } }
  const inputs = [x.value, gain.value, bias.value]
  const [y, mean, inverse] = tape.graph.nodes('LayerNormalization', inputs, 3, attributes)
  const column = [...x.shape.slice(0, -1), 1]
  return [
    { value: y!, shape: x.shape, learned: x.learned || gain.learned || bias.learned },
    { value: mean!, shape: column, learned: false },
    { value: inverse!, shape: column, learned: false },
  ]
}
