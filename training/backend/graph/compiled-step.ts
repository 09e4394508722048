import os from 'node:os'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { AppError } from '../../../errors.ts'
import { graphOps } from './graph-ops.ts'
import { GraphTape, type GraphTensor, type RowGradient } from './graph-tape.ts'
import { type Ops, sizeOfShape } from './ops.ts'

export interface InputSpec {
  readonly dtype: 'float32' | 'int32'
  readonly shape: readonly number[]
}

/** What a network is made from, beside its formula: every shape is fixed, the batch size included. */
export interface NetworkSpec {
  readonly name: string
  /** Shape of each parameter. */
  readonly parameters: Readonly<Record<string, readonly number[]>>
  readonly inputs: Readonly<Record<string, InputSpec>>
}

/** A network's formula in the operators of any side. */
export type NetworkFunction = <T>(
  ops: Ops<T>,
  parameters: Readonly<Record<string, T>>,
  inputs: Readonly<Record<string, T>>,
) => T

/** Values by the names of a spec. The arrays are read where they are: nothing is copied, and changes count in the next run. */
export type NamedArrays = Readonly<Record<string, Float32Array | Int32Array>>

export interface StepResult {
  readonly loss: number
  /** By parameter, `[its shape]`; overwritten by the next run. */
  readonly gradients: Readonly<Record<string, Float32Array>>
  /** Gradients of rows of tables; overwritten by the next run. */
  readonly rows: readonly { readonly table: string; readonly indices: Int32Array; readonly gradient: Float32Array }[]
}

export interface CompiledStep {
  /** Loss and gradients at the given parameters. The event loop stands still while it runs. */
  run(parameters: NamedArrays, inputs: NamedArrays): Promise<StepResult>
  close(): Promise<void>
}

export interface CompiledFormula {
  /** The result, row-major; overwritten by the next run. The event loop stands still while it runs. */
  run(parameters: NamedArrays, inputs: NamedArrays): Promise<Float32Array>
  close(): Promise<void>
}

const defaultThreads = Math.min(4, os.availableParallelism())

/**
 * Compiles a loss and its gradients to one ONNX graph, run by onnxruntime.
 *
 * @param loss    a scalar
 * @param threads that one run may use; more than four are lost on networks of this size
 * @throws AppError INTERNAL for shapes that do not fit
 */
export async function compileStep(
  spec: NetworkSpec,
  loss: NetworkFunction,
  threads = defaultThreads,
): Promise<CompiledStep> {
  const { tape, parameters, inputs } = declare(spec)
  const value = loss(graphOps(tape), parameters, inputs)
  const { dense, rows } = tape.backward(value)
  const out: Record<string, Tensor> = {}
  const output = (name: string, { value: of, shape }: GraphTensor): Float32Array => {
    tape.graph.output(name, of, 'float32', shape)
    const data = new Float32Array(sizeOfShape(shape))
    out[name] = new Tensor('float32', data, [...shape])
    return data
  }
  const lossData = output('loss', value)
  const gradients = Object.fromEntries([...dense].map(([name, g]) => [name, output(`gradient_${name}`, g)]))
  const rowData = rows.map((row, i) => ({ ...row, data: output(`rows_${i}`, row.gradient) }))
  const session = await openSession(tape, threads)
  return {
    async run(parameterArrays, inputArrays) {
      await session.run(feeds(spec, parameterArrays, inputArrays), out)
      return {
        loss: lossData[0]!,
        gradients,
        rows: rowData.map(({ table, indices, data }: RowGradient & { data: Float32Array }) => ({
          table,
          indices: inputArrays[indices] as Int32Array,
          gradient: data,
        })),
      }
    },
    close: () => session.release(),
  }
}

/**
 * Compiles a formula without its gradient.
 *
 * @param threads as for `compileStep`
 */
export async function compileForward(
  spec: NetworkSpec,
  formula: NetworkFunction,
  threads = defaultThreads,
): Promise<CompiledFormula> {
  const { tape, parameters, inputs } = declare(spec)
  const { value, shape } = formula(graphOps(tape), parameters, inputs)
  tape.graph.output('result', value, 'float32', shape)
  const result = new Float32Array(sizeOfShape(shape))
  const out = { result: new Tensor('float32', result, [...shape]) }
  const session = await openSession(tape, threads)
  return {
    async run(parameterArrays, inputArrays) {
      await session.run(feeds(spec, parameterArrays, inputArrays), out)
      return result
    },
    close: () => session.release(),
  }
}

function declare({ name, parameters, inputs }: NetworkSpec): {
  tape: GraphTape
  parameters: Record<string, GraphTensor>
  inputs: Record<string, GraphTensor>
} {
  const tape = new GraphTape(name)
  return {
    tape,
    parameters: Object.fromEntries(Object.entries(parameters).map(([key, shape]) => [key, tape.parameter(key, shape)])),
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([key, { dtype, shape }]) => [key, tape.input(key, dtype, shape)]),
    ),
  }
}

/** Threads wait asleep: a spinning one takes the core from whatever runs between two steps. */
const openSession = (tape: GraphTape, threads: number): Promise<InferenceSession> =>
  InferenceSession.create(tape.graph.build(), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })

function feeds(spec: NetworkSpec, parameters: NamedArrays, inputs: NamedArrays): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {}
  for (const [name, shape] of Object.entries(spec.parameters)) {
    tensors[name] = tensorOf(name, 'float32', shape, parameters[name])
  }
  for (const [name, { dtype, shape }] of Object.entries(spec.inputs)) {
    tensors[name] = tensorOf(name, dtype, shape, inputs[name])
  }
  return tensors
}

function tensorOf(
  name: string,
  dtype: InputSpec['dtype'],
  shape: readonly number[],
  values: Float32Array | Int32Array | undefined,
): Tensor {
  if (values?.length !== sizeOfShape(shape)) {
    throw new AppError(
      'INTERNAL',
      `${name} has ${values?.length} values; expected ${sizeOfShape(shape)} for [${shape}].`,
    )
  }
  return dtype === 'int32'
    ? new Tensor('int32', values as Int32Array, [...shape])
    : new Tensor('float32', values as Float32Array, [...shape])
}
