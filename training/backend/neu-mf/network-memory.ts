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

/** What is allocated in one piece: each table, and all other parameters together. */
type ArrayName = (typeof tables)[number] | 'dense'

/** One array for each name; empty for a table that the variant has not. */
type NetworkArrays = Readonly<Record<ArrayName, Float32Array>>

/** The parameters of a network in the memory of the kernels. */
export interface NetworkMemory {
  /** With the widths that the kernels want: multiples of 8. */
  readonly shape: NeuMfShape
  /** By name; those that are no tables are parts of `arrays.dense`. */
  readonly parameters: NeuMfParameters
  readonly arrays: NetworkArrays
  /** Where its description is: what kernels take. */
  readonly at: number
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
  const sizes = Object.fromEntries(
    Object.entries(parameterShapes(shape)).map(([name, [rows, columns]]) => [name, rows * columns]),
  )
  const isTable = (name: string): boolean => tables.some((table) => table === name)
  const others = Object.keys(sizes).filter((name) => !isTable(name))
  const dense = pool.float32(others.reduce((sum, name) => sum + sizes[name]!, 0)).values
  const ofTables = tables.map((name) => [name, pool.float32(sizes[name] ?? 0).values] as const)
  const parameters: Record<string, Float32Array> = Object.fromEntries(ofTables.filter(([name]) => sizes[name]))
  let used = 0
  for (const name of others) {
    parameters[name] = dense.subarray(used, used + sizes[name]!)
    used += sizes[name]!
  }
  const arrays = { ...Object.fromEntries(ofTables), dense } as NetworkArrays
  return { shape, parameters, arrays, at: describe(pool, shape, parameters, arrays) }
}

/** `Network` of simd/neu-mf/memory.ts. */
function describe(pool: KernelPool, shape: NeuMfShape, parameters: NeuMfParameters, arrays: NetworkArrays): number {
  const layers = mlpWidth(shape) === 0 ? [] : shape.hiddenSizes
  const sizes = pool.int32(layers.length)
  sizes.values.set(layers)
  const fields = [
    gmfWidth(shape),
    mlpWidth(shape),
    layers.length,
    sizes.at,
    ...networkArrays(arrays).map(({ byteOffset }) => byteOffset),
    parameters.outputMlp?.byteOffset ?? 0,
    parameters.outputGmf?.byteOffset ?? 0,
  ]
  const description = pool.int32(fields.length)
  description.values.set(fields)
  return description.at
}

/** All of them, in the order of the kernels' descriptions: what a checkpoint holds. */
export const networkArrays = (arrays: NetworkArrays): readonly Float32Array[] => [
  ...tables.map((name) => arrays[name]),
  arrays.dense,
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
