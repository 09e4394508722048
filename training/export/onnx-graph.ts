import { PbfWriter } from 'pbf'
import { AppError } from '../../errors.ts'
import { writeModel } from './onnx-proto.ts'

/** A value inside a graph, by name; only the builder makes one. */
export type OnnxValue = string & { readonly __value: unique symbol }

export type OnnxDtype = 'float32' | 'int32' | 'int64'

/** An attribute of a node. Bare numbers are integers: write `{ float: 1e-5 }` or `{ floats: [0.5] }` where the operator wants floats. */
export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }

/** Sets of operators: the standard one, and that of classical machine learning. */
export type OnnxDomain = '' | 'ai.onnx.ml'

export interface OnnxNode {
  readonly operator: string
  readonly domain: OnnxDomain
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
 * Builds an ONNX model (opset 17, opset 3 of ai.onnx.ml, IR 8) node by node.
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
  readonly #parts: GraphParts
  readonly #prefix: string

  constructor(name: string)
  /** @param parts of the graph that this one is a scope of */
  constructor(name: string, parts: GraphParts, prefix: string)
  constructor(name: string, parts: GraphParts = emptyParts(), prefix = '') {
    this.#name = name
    this.#parts = parts
    this.#prefix = prefix
  }

  /** The same graph to write on, with a prefix before the names of its constants: pieces that know nothing of each other cannot collide. */
  scope(prefix: string): OnnxGraph {
    return new OnnxGraph(this.#name, this.#parts, `${this.#prefix}${prefix}/`)
  }

  /** @param shape −1 is free at run time */
  input(name: string, dtype: 'float32' | 'int32', shape: readonly number[]): OnnxValue {
    this.#parts.inputs.push({ name, dtype, shape })
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
    const scoped = `${this.#prefix}${name}`
    this.#parts.constants.push({ name: scoped, dtype: dtypeOf(data), shape, data })
    return this.#define(scoped)
  }

  /** An operator with one output. */
  node(
    operator: string,
    inputs: readonly OnnxValue[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain: OnnxDomain = '',
  ): OnnxValue {
    return this.nodes(operator, inputs, 1, attributes, domain)[0]!
  }

  /** An operator with several outputs, e.g. `Split`. */
  nodes(
    operator: string,
    inputs: readonly OnnxValue[],
    outputCount: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain: OnnxDomain = '',
  ): readonly OnnxValue[] {
    for (const input of inputs) this.#mustExist(input, operator)
    const outputs = Array.from({ length: outputCount }, (_, i) =>
      this.#define(`${operator}_${this.#parts.nodes.length}_${i}`),
    )
    this.#parts.nodes.push({ operator, domain, inputs, outputs, attributes })
    return outputs
  }

  /** Names a value as a result of the graph. */
  output(name: string, value: OnnxValue, dtype: 'float32' | 'int32', shape: readonly number[]): void {
    this.#mustExist(value, `output ${name}`)
    this.#parts.outputs.push({ name, dtype, shape })
    const outputs = [this.#define(name)]
    this.#parts.nodes.push({ operator: 'Identity', domain: '', inputs: [value], outputs, attributes: {} })
  }

  /** The model file. */
  build(): Uint8Array {
    if (this.#parts.outputs.length === 0) throw bug(`graph ${this.#name} has no output`)
    const writer = new PbfWriter()
    writeModel({ name: this.#name, ...this.#parts }, writer)
    return writer.finish()
  }

  #define(name: string): OnnxValue {
    if (this.#parts.values.has(name)) throw bug(`the name ${name} is used twice`)
    this.#parts.values.add(name)
    return name as OnnxValue
  }

  #mustExist(value: OnnxValue, user: string): void {
    if (!this.#parts.values.has(value))
      throw bug(`${user} reads ${value}, which is no value of the graph ${this.#name}`)
  }
}

interface GraphParts {
  readonly values: Set<string>
  readonly nodes: OnnxNode[]
  readonly inputs: OnnxPort[]
  readonly outputs: OnnxPort[]
  readonly constants: OnnxConstant[]
}

const emptyParts = (): GraphParts => ({ values: new Set(), nodes: [], inputs: [], outputs: [], constants: [] })

const bug = (message: string): AppError => new AppError('INTERNAL', `ONNX graph: ${message}.`)

function dtypeOf(data: OnnxConstant['data']): OnnxDtype {
  if (data instanceof Float32Array) return 'float32'
  return data instanceof Int32Array ? 'int32' : 'int64'
}
