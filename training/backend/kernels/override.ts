import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { Attribute, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'
import { getKernel, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core'

/** What a kernel of the wasm backend is called with. */
interface KernelCall {
  readonly inputs: NamedTensorInfoMap
  readonly attributes: NamedAttrMap
  readonly backend: BackendWasm
}

/** Computes the result, or returns undefined to leave the call to the stock kernel. */
export type Kernel = (call: KernelCall) => TensorInfo | TensorInfo[] | undefined

/**
 * Puts a kernel of ours before the wasm backend's own one, or adds it where wasm has none.
 *
 * @param name the kernel's name in TF.js, e.g. `GatherV2`
 */
export function overrideKernel(name: string, kernel: Kernel): void {
  const stock = getKernel(name, 'wasm')?.kernelFunc
  if (stock !== undefined) unregisterKernel(name, 'wasm')
  const kernelFunc: KernelFunc = (parameters) => {
    const { inputs, attrs, backend } = parameters
    const ours = kernel({ inputs, attributes: attrs ?? {}, backend: backend as BackendWasm })
    if (ours !== undefined) return ours
    if (stock === undefined) throw new Error(`The wasm backend has no kernel ${name} for these inputs.`)
    return stock(parameters)
  }
  registerKernel({ kernelName: name, backendName: 'wasm', kernelFunc })
}

/**
 * The values of a tensor inside the wasm heap. Take it only after every `makeOutput` of the kernel: allocating may grow the heap, and
 * then earlier views are dead.
 */
export function heapView(backend: BackendWasm, tensor: TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array
}

/** As `heapView`, for int32 tensors. */
export function heapIndices(backend: BackendWasm, tensor: TensorInfo): Int32Array {
  return backend.typedArrayFromHeap(tensor) as Int32Array
}

/** Product of the lengths, 1 for none. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

export const isTrue = (attribute: Attribute | undefined): boolean => attribute === true
