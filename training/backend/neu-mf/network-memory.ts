import {
  copyInto,
  gmfWidth,
  mlpWidth,
  type NeuMfParameters,
  type NeuMfShape,
  type NeuMfWeights,
  parameterShapes,
} from '../../networks/neu-mf.ts'
import type { KernelPool } from '../parallel/kernel-pool.ts'

const tables = ['userFactors', 'itemFactors', 'userInputs', 'itemInputs', 'itemBias'] as const

/** The parameters of a network in the memory of the kernels. */
export interface NetworkMemory {
  /** With the widths that the kernels want: multiples of 8. */
  readonly shape: NeuMfShape
  readonly parameters: NeuMfParameters
  /** Where its description is: what kernels take. */
  readonly at: number
  /** All parameters that are no tables, one after the other. */
  readonly dense: Float32Array
}

const upToEight = (size: number): number => 8 * Math.ceil(size / 8)

/** The shape with every width rounded up to a multiple of 8: the numbers added are zeros, and learn nothing. */
const kernelShape = (shape: NeuMfShape): NeuMfShape => ({
  ...shape,
  gmfSize: upToEight(shape.gmfSize),
  mlpSize: upToEight(shape.mlpSize),
  hiddenSizes: shape.hiddenSizes.map(upToEight),
})

/** Zeros for a network of at least this shape. */
export function allocateNetwork(pool: KernelPool, given: NeuMfShape): NetworkMemory {
  const shape = kernelShape(given)
  const shapes = Object.entries(parameterShapes(shape)).map(([name, [rows, columns]]) => ({
    name,
    size: rows * columns,
  }))
  const parameters: Record<string, Float32Array> = {}
  const isTable = ({ name }: { name: string }): boolean => tables.some((table) => table === name)
  for (const { name, size } of shapes.filter(isTable)) parameters[name] = pool.float32(size).values
  const others = shapes.filter((parameter) => !isTable(parameter))
  const dense = pool.float32(others.reduce((sum, { size }) => sum + size, 0)).values
  let used = 0
  for (const { name, size } of others) {
    parameters[name] = dense.subarray(used, used + size)
    used += size
  }
  return { shape, parameters, dense, at: describe(pool, shape, parameters, dense) }
}

/** `Network` of simd/neu-mf.ts. */
function describe(pool: KernelPool, shape: NeuMfShape, parameters: NeuMfParameters, dense: Float32Array): number {
  const layers = mlpWidth(shape) === 0 ? [] : shape.hiddenSizes
  const sizes = pool.int32(layers.length)
  sizes.values.set(layers)
  const at = (name: string): number => parameters[name]?.byteOffset ?? 0
  const fields = [
    gmfWidth(shape),
    mlpWidth(shape),
    layers.length,
    sizes.at,
    ...tables.map(at),
    dense.byteOffset,
    at('outputMlp'),
    at('outputGmf'),
  ]
  const description = pool.int32(fields.length)
  description.values.set(fields)
  return description.at
}

/** All of them in a fixed order: what a checkpoint holds. */
export const networkArrays = ({ parameters, dense }: NetworkMemory): Float32Array[] => [
  ...tables.flatMap((name) => parameters[name] ?? []),
  dense,
]

/** The parameters of the shape that was asked for, as a copy. */
export function readNetwork(memory: NetworkMemory, shape: NeuMfShape): NeuMfWeights {
  const shapes = Object.entries(parameterShapes(shape))
  const parameters = Object.fromEntries(
    shapes.map(([name, [rows, columns]]) => [name, new Float32Array(rows * columns)]),
  )
  const weights = { shape, parameters }
  copyInto(weights, memory)
  return weights
}
