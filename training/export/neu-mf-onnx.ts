import { graphOps } from '../backend/graph/graph-ops.ts'
import { GraphTape, type GraphTensor } from '../backend/graph/graph-tape.ts'
import { type NeuMfWeights, parameterShapes, scoreSides } from '../networks/neu-mf.ts'

/**
 * NeuMF as ONNX: `user` int32 [n], `item` int32 [n] → `score` float32 [n].
 *
 * What depends on one side alone is folded into its table, outputGmf ⊙ p_u, a_u·W_user and b_i·W_item + c: serving scores hundreds of
 * items for one user, and gathers and adds instead of multiplying.
 */
export function exportNeuMf({ shape, parameters }: NeuMfWeights): Uint8Array {
  const tape = new GraphTape(shape.variant)
  const ops = graphOps(tape)
  const user = tape.input('user', 'int32', [-1])
  const item = tape.input('item', 'int32', [-1])
  const shapes = parameterShapes(shape)
  const table = (values: Float32Array, rows: number, of: GraphTensor): GraphTensor =>
    ops.rows(ops.constant(values, [rows, values.length / rows]), of)
  const { userFactors, itemFactors, userInputs, itemInputs, itemBias, outputGmf, ...rest } = parameters
  const { userWeight, itemWeight, bias_0, ...upper } = rest
  const p = Object.fromEntries(
    Object.entries(upper).map(([name, values]) => [name, ops.constant(values, shapes[name]!)]),
  )
  const users = { rows: shape.userCount, of: user }
  const items = { rows: shape.itemCount, of: item }
  const hiddenOf = (inputs: Float32Array, weight: Float32Array, bias: Float32Array | undefined, side: typeof users) =>
    table(times(inputs, weight, inputs.length / side.rows, bias), side.rows, side.of)
  const weighted = userFactors?.map((value, i) => value * outputGmf![i % shape.gmfSize]!)
  const score = scoreSides(
    ops,
    {
      ...p,
      ...(outputGmf && { outputGmf: ops.constant(new Float32Array(shape.gmfSize).fill(1), [shape.gmfSize, 1]) }),
      ...(bias_0 && { bias_0: ops.constant(new Float32Array(bias_0.length), [1, bias_0.length]) }),
    },
    {
      factors: weighted && table(weighted, users.rows, user),
      hidden: userInputs && hiddenOf(userInputs, userWeight!, undefined, users),
    },
    {
      factors: itemFactors && table(itemFactors, items.rows, item),
      hidden: itemInputs && hiddenOf(itemInputs, itemWeight!, bias_0, items),
    },
    table(itemBias!, items.rows, item),
  )
  tape.graph.output('score', ops.reshape(score, [-1]).value, 'float32', [-1])
  return tape.graph.build()
}

/** rows·weight + bias: rows `[n, inner]`, weight `[inner, columns]`, bias `[columns]`, zeros when absent. */
function times(rows: Float32Array, weight: Float32Array, inner: number, bias: Float32Array | undefined): Float32Array {
  const columns = weight.length / inner
  const out = new Float32Array((rows.length / inner) * columns)
  for (let row = 0; row < rows.length / inner; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = bias?.[column] ?? 0
      for (let j = 0; j < inner; j++) sum += rows[row * inner + j]! * weight[j * columns + column]!
      out[row * columns + column] = sum
    }
  }
  return out
}
