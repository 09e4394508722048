import { multiplyMatrices } from './graph-products.ts'
import type { GraphTape, GraphTensor } from './graph-tape.ts'
import { broadcastShape, type Ops } from './ops.ts'

/**
 * The two softmax losses as nodes of a graph, each with its gradient in one piece: `[n, candidates]` is by far the largest thing in a
 * step, and every pass over it that is saved counts. With P the softmax of the logits and b_i the weight that row i is blamed with:
 *
 *   dx_i = b_i·(Σ_c P_ic·v_c − t_i),   dv_c = Σ_i P_ic·(b_i·x_i),   dt_i = −b_i·x_i
 *
 * so that the blame scales `[n, d]` and never P.
 */
export function softmaxLosses(tape: GraphTape): Pick<Ops<GraphTensor>, 'sampledSoftmaxLoss' | 'fullSoftmaxLoss'> {
  const node = tape.node.bind(tape)
  const product = (a: GraphTensor, b: GraphTensor): GraphTensor => node('Mul', [a, b], broadcastShape(a.shape, b.shape))
  const maxLast = (x: GraphTensor, shape: readonly number[]): GraphTensor =>
    node('ReduceMax', [x], shape, { axes: [-1], keepdims: 1 })
  const total = (x: GraphTensor): GraphTensor => node('ReduceSum', [x], [], { keepdims: 0 })

  const onBackward = (
    loss: GraphTensor,
    [x, targets, candidates]: readonly [GraphTensor, GraphTensor, GraphTensor],
    shares: GraphTensor,
    blame: () => GraphTensor,
  ): void =>
    tape.onBackward(loss, (g) => {
      const blamed = product(blame(), g)
      const own = product(x, blamed)
      tape.addGradient(x, () => {
        const expected = multiplyMatrices(tape, shares, candidates, false, false)
        return product(node('Sub', [expected, targets], x.shape), blamed)
      })
      tape.addGradient(candidates, () => multiplyMatrices(tape, shares, own, true, false))
      tape.addGradient(targets, () => node('Neg', [own], x.shape))
    })

  return {
    sampledSoftmaxLoss(x, targets, candidates, offsets, weights) {
      const products = multiplyMatrices(tape, x, candidates, false, true)
      const logits = node('Add', [products, offsets], products.shape)
      const shares = node('Softmax', [logits], logits.shape, { axis: -1 })
      const column = weights.shape
      const positive = node('ReduceSum', [product(x, targets), tape.integers([-1])], column, { keepdims: 1 })
      // log Σ e^n = max n − log max softmax(n): both maxima belong to the same candidate.
      const logSum = node('Sub', [maxLast(logits, column), node('Log', [maxLast(shares, column)], column)], column)
      const behind = node('Sub', [logSum, positive], column)
      const loss = total(product(weights, node('Softplus', [behind], column)))
      onBackward(loss, [x, targets, candidates], shares, () => product(node('Sigmoid', [behind], column), weights))
      return loss
    },
    fullSoftmaxLoss(x, targets, candidates, columns, weights) {
      const logits = multiplyMatrices(tape, x, candidates, false, true)
      const shares = node('Softmax', [logits], logits.shape, { axis: -1 })
      const share = node('GatherElements', [shares, columns], weights.shape, { axis: 1 })
      // A share too small for single precision is 0: its loss would be infinite, and times a weight of 0 no number.
      const positive = node('Max', [share, tape.scalar(1e-30)], weights.shape)
      const losses = node('Neg', [node('Log', [positive], weights.shape)], weights.shape)
      const loss = total(product(weights, losses))
      onBackward(loss, [x, targets, candidates], shares, () => weights)
      return loss
    },
  }
}
