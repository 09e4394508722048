import type { InputSpec, NetworkSpec } from '../backend/graph/compiled-step.ts'
import type { Ops } from '../backend/graph/ops.ts'
import type { Random } from '../backend/random.ts'
import type { Parameters } from './train-network.ts'

/** What every network over histories has. */
export interface HistoryShape {
  readonly itemCount: number
  /** Width of item vectors, and of what the network expects next. */
  readonly embeddingSize: number
  /** Items back that the network sees. */
  readonly windowLength: number
}

type Named<T> = Readonly<Record<string, T>>

/** A network that reads a history and answers with a vector, whose product with an item's vector is the item's score. */
export interface HistoryNetwork<S extends HistoryShape = HistoryShape> {
  readonly name: string
  readonly shape: S
  /** Shape of each parameter that scoring needs; the item vectors are called `items`. */
  readonly parameterShapes: Named<readonly number[]>
  /**
   * @param inputs `inputs` int32 `[windows · length]`, items, the last one newest; `sequences` int32 of the same shape: 0, and −1 for the padding
   *               in front of a history that is shorter than the window
   * @param length of a window, at most `windowLength`
   * @returns `[windows, embeddingSize]`: what the network expects after each window
   */
  encode<T>(ops: Ops<T>, p: Named<T>, inputs: Named<T>, length: number): T
}

/** What an encoder reads: items and, for each position, the sequence it belongs to, so that several may share a window. */
export const encoderInputs = ({ windowLength }: HistoryShape, windows: number): Record<string, InputSpec> => ({
  inputs: { dtype: 'int32', shape: [windows * windowLength] },
  sequences: { dtype: 'int32', shape: [windows * windowLength] },
})

export const inferenceSpec = ({ name, shape, parameterShapes }: HistoryNetwork, windows: number): NetworkSpec => ({
  name,
  parameters: parameterShapes,
  inputs: encoderInputs(shape, windows),
})

/** Those of some arrays that scoring needs. */
export const scoringParameters = ({ parameterShapes }: HistoryNetwork, arrays: Named<unknown>): Parameters =>
  Object.fromEntries(Object.keys(parameterShapes).map((name) => [name, arrays[name] as Float32Array]))

/** Windows are no longer than the longest sequence, in steps of eight. */
export function windowLengthFor(sequences: readonly Int32Array[], most: number): number {
  const longest = sequences.reduce((longer, { length }) => Math.max(longer, length), 1)
  return Math.min(most, 8 * Math.ceil(longest / 8))
}

/** Fresh parameters: item vectors normal with deviation `itemScale`, layers Glorot uniform, gains 1, biases 0. */
export function freshParameters(shapes: Named<readonly number[]>, random: Random, itemScale: number): Parameters {
  const fresh = (name: string, dimensions: readonly number[]): Float32Array => {
    const size = dimensions.reduce((product, length) => product * length, 1)
    const values = new Float32Array(size)
    if (name === 'items') return values.map(() => random.normal() * itemScale)
    if (name.endsWith('gain')) return values.fill(1)
    if (dimensions.length === 1) return values
    const limit = Math.sqrt(6 / (dimensions[0]! + dimensions[1]!))
    return values.map(() => (2 * random.uniform() - 1) * limit)
  }
  return Object.fromEntries(Object.entries(shapes).map(([name, dimensions]) => [name, fresh(name, dimensions)]))
}

/** Item vectors with zeros for the items that were never learned: nothing is like them, and they rank behind all others. */
export function knownVectors(vectors: Float32Array, width: number, known: (item: number) => boolean): Float32Array {
  const kept = vectors.slice()
  for (let item = 0; item * width < kept.length; item++) {
    if (!known(item)) kept.fill(0, item * width, (item + 1) * width)
  }
  return kept
}

/** −1 for as many as there will be. */
export const windowsOf = ([positions]: readonly number[], length: number): number =>
  positions === -1 ? -1 : positions! / length
