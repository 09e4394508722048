import { PbfWriter } from 'pbf'
import { AppError } from '../../errors.ts'
import { writeModel } from './onnx-proto.ts'

/** A value inside a graph, by name; only the builder makes one. */
export type OnnxValue = string & { readonly __value: unique symbol }

export type OnnxDtype = 'float32' | 'int32' | 'int64'

/** An attribute of a node. A bare number is an integer: write `{ float: 1e-5 }` where the operator wants a float. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number }

export interface OnnxNode {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

export interface OnnxPort {
  readonly name: string
  readonly dtype: OnnxDtype
  /** −1 is free at run time. */
  readonly shape: readonly number[]
}

export interface OnnxConstant extends OnnxPort {
  readonly data: Float32Array | Int32Array | BigInt64Array
}

/** A graph as the writer takes it. */
export interface OnnxModel {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxPort[]
  readonly outputs: readonly OnnxPort[]
  readonly constants: readonly OnnxConstant[]
}

/**
 * Builds an ONNX model (opset 17, IR 8) node by node.
 *
 * ```ts
 * const graph = new OnnxGraph('linear')
 * const x = graph.input('x', 'float32', [-1, 3])
 * const w = graph.constant('w', new Float32Array([1, 2, 3]), [3, 1])
 * graph.output('y', graph.node('MatMul', [x, w]), 'float32', [-1, 1])
 * const bytes = graph.build()
 * ```
 *
 * @throws AppError INTERNAL on a repeated name, a value of another graph, or data that does not fill its shape
 */
export class OnnxGraph {
  readonly #name: string
  readonly #values = new Set<string>()
  readonly #nodes: OnnxNode[] = []
  readonly #inputs: OnnxPort[] = []
  readonly #outputs: OnnxPort[] = []
  readonly #constants: OnnxConstant[] = []

  constructor(name: string) {
    this.#name = name
  }

  /** @param shape −1 is free at run time */
  input(name: string, dtype: 'float32' | 'int32', shape: readonly number[]): OnnxValue {
    this.#inputs.push({ name, dtype, shape })
    return this.#define(name)
  }

  /**
   * A weight or another fixed tensor, row-major; its dtype follows from the array.
   *
   * @param shape `[]` for a scalar
   */
  constant(name: string, data: OnnxConstant['data'], shape: readonly number[]): OnnxValue {
    const size = shape.reduce((product, length) => product * length, 1)
    if (data.length !== size) {
      throw bug(`constant ${name} has ${data.length} values; expected ${size} for the shape [${shape}]`)
    }
    this.#constants.push({ name, dtype: dtypeOf(data), shape, data })
    return this.#define(name)
  }

  /** An operator of the standard set with one output. */
  node(
    operator: string,
    inputs: readonly OnnxValue[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): OnnxValue {
    return this.nodes(operator, inputs, 1, attributes)[0]!
  }

  /** An operator with several outputs, e.g. `Split`. */
  nodes(
    operator: string,
    inputs: readonly OnnxValue[],
    outputCount: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): readonly OnnxValue[] {
    for (const input of inputs) this.#mustExist(input, operator)
    const outputs = Array.from({ length: outputCount }, (_, i) =>
      this.#define(`${operator}_${this.#nodes.length}_${i}`),
    )
    this.#nodes.push({ operator, inputs, outputs, attributes })
    return outputs
  }

  /** Names a value as a result of the graph. */
  output(name: string, value: OnnxValue, dtype: 'float32' | 'int32', shape: readonly number[]): void {
    this.#mustExist(value, `output ${name}`)
    this.#outputs.push({ name, dtype, shape })
    this.#nodes.push({ operator: 'Identity', inputs: [value], outputs: [this.#define(name)], attributes: {} })
  }

  /** The model file. */
  build(): Uint8Array {
    if (this.#outputs.length === 0) throw bug(`graph ${this.#name} has no output`)
    const writer = new PbfWriter()
    writeModel(
      {
        name: this.#name,
        nodes: this.#nodes,
        inputs: this.#inputs,
        outputs: this.#outputs,
        constants: this.#constants,
      },
      writer,
    )
    return writer.finish()
  }

  #define(name: string): OnnxValue {
    if (this.#values.has(name)) throw bug(`the name ${name} is used twice`)
    this.#values.add(name)
    return name as OnnxValue
  }

  #mustExist(value: OnnxValue, user: string): void {
    if (!this.#values.has(value)) throw bug(`${user} reads ${value}, which is no value of the graph ${this.#name}`)
  }
}

const bug = (message: string): AppError => new AppError('INTERNAL', `ONNX graph: ${message}.`)

function dtypeOf(data: OnnxConstant['data']): OnnxDtype {
  if (data instanceof Float32Array) return 'float32'
  return data instanceof Int32Array ? 'int32' : 'int64'
}
