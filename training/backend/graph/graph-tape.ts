import { AppError } from '../../../errors.ts'
import { type OnnxAttribute, OnnxGraph, type OnnxValue } from '../../export/onnx-graph.ts'
import { sizeOfShape } from './ops.ts'

/** A value of a graph under construction. A length of −1 is free at run time, in graphs without a backward pass. */
export interface GraphTensor {
  readonly value: OnnxValue
  readonly shape: readonly number[]
  /** Whether a parameter is behind it, so that its gradient is wanted. */
  readonly learned: boolean
}

/** Rows of the gradient of a table: row `indices[i]` of it gets `gradient[i]`. */
export interface RowGradient {
  readonly table: string
  /** Name of the input that holds the indices. */
  readonly indices: string
  readonly gradient: GraphTensor
}

type Shape = readonly number[]
type Attributes = Readonly<Record<string, OnnxAttribute>>

/**
 * A graph that remembers how each of its values came about, and can therefore be continued by its own gradient: reverse mode, done
 * once while the graph is built (Baydin et al. 2018, section 3.2).
 */
export class GraphTape {
  readonly graph: OnnxGraph
  readonly #steps: (() => void)[] = []
  readonly #gradients = new Map<OnnxValue, GraphTensor>()
  readonly #tables = new Map<OnnxValue, string>()
  readonly #rowGradients: RowGradient[] = []
  #constants = 0

  /** @param graph to write on, or the name of a new one */
  constructor(graph: string | OnnxGraph) {
    this.graph = typeof graph === 'string' ? new OnnxGraph(graph) : graph
  }

  input(name: string, dtype: 'float32' | 'int32', shape: Shape): GraphTensor {
    return { value: this.graph.input(name, dtype, shape), shape, learned: false }
  }

  /** A parameter: an input whose gradient is wanted. */
  parameter(name: string, shape: Shape): GraphTensor {
    const tensor = { ...this.input(name, 'float32', shape), learned: true }
    this.#tables.set(tensor.value, name)
    return tensor
  }

  constant(values: Float32Array | Int32Array | BigInt64Array, shape: Shape): GraphTensor {
    return { value: this.graph.constant(`constant_${this.#constants++}`, values, shape), shape, learned: false }
  }

  scalar(value: number): GraphTensor {
    return this.constant(Float32Array.of(value), [])
  }

  /** Shapes and axes, which many operators take as an input. */
  integers(values: Shape): GraphTensor {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length])
  }

  /** One operator with one output; what is behind its inputs is behind it. */
  node(operator: string, inputs: readonly GraphTensor[], shape: Shape, attributes: Attributes = {}): GraphTensor {
    const values = inputs.map(({ value }) => value)
    return {
      value: this.graph.node(operator, values, attributes),
      shape,
      learned: inputs.some(({ learned }) => learned),
    }
  }

  /** Says how the gradient of `output` moves on to what it was made of; not called where nothing learned is behind it. */
  onBackward(output: GraphTensor, backward: (gradient: GraphTensor) => void): void {
    if (!output.learned) return
    this.#steps.push(() => {
      const gradient = this.#gradients.get(output.value)
      if (gradient !== undefined) backward(gradient)
    })
  }

  /** Adds to the gradient of a value; contributions that were broadcast on the way forward are summed to its shape. */
  addGradient(of: GraphTensor, contribution: () => GraphTensor): void {
    if (!of.learned) return
    const gradient = this.sumTo(contribution(), of.shape)
    const sum = this.#gradients.get(of.value)
    this.#gradients.set(of.value, sum === undefined ? gradient : this.node('Add', [sum, gradient], of.shape))
  }

  /** The gradient of rows that were gathered from a table of parameters. */
  addRowGradient(table: GraphTensor, indices: GraphTensor, gradient: GraphTensor): void {
    const name = this.#tables.get(table.value)
    if (name === undefined) throw new AppError('INTERNAL', 'Rows are gathered from parameters only; got another value.')
    this.#rowGradients.push({ table: name, indices: indices.value, gradient })
  }

  /**
   * Continues the graph by the gradient of a scalar.
   *
   * @returns by parameter its gradient, where it is not used by rows only; and the gradients of rows
   */
  backward(loss: GraphTensor): { dense: ReadonlyMap<string, GraphTensor>; rows: readonly RowGradient[] } {
    this.#gradients.set(loss.value, this.scalar(1))
    for (const step of this.#steps.toReversed()) step()
    const dense = new Map<string, GraphTensor>()
    for (const [value, name] of this.#tables) {
      const gradient = this.#gradients.get(value)
      if (gradient !== undefined) dense.set(name, gradient)
    }
    return { dense, rows: this.#rowGradients }
  }

  /** Sums over the axes along which a shape was broadcast. */
  sumTo(x: GraphTensor, shape: Shape): GraphTensor {
    if (x.shape.length === shape.length && x.shape.every((length, axis) => length === shape[axis])) return x
    const lead = x.shape.length - shape.length
    const axes = [...x.shape.keys()].filter((axis) => axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1))
    const summed = this.node('ReduceSum', [x, this.integers(axes)], shape, { keepdims: 1 })
    return lead === 0 ? summed : this.node('Reshape', [summed, this.integers(shape)], shape)
  }

  reshape(x: GraphTensor, shape: Shape): GraphTensor {
    if (!x.shape.includes(-1) && sizeOfShape(x.shape) !== sizeOfShape(shape)) {
      throw new AppError('INTERNAL', `Cannot reshape [${x.shape}] to [${shape}].`)
    }
    return this.node('Reshape', [x, this.integers(shape)], shape)
  }
}
