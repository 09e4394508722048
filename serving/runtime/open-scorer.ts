import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { AppError } from '../../errors.ts'
import {
  type Golden,
  goldenSchema,
  type Manifest,
  manifestSchema,
  type TensorSpec,
} from '../../models/artifact/manifest.ts'
import type { OpenScorer, Scorer, Tensor, Tensors } from '../../models/scorer.ts'

/** One intra-op thread: `run()` blocks the event loop anyway, and more threads only fight over the same cores. */
const sessionOptions: ort.InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
}

/**
 * Opens `model.onnx` of an artifact folder with onnxruntime, and refuses it unless its inputs and outputs are those of the
 * manifest and it reproduces the golden batch.
 *
 * @throws AppError ARTIFACT_INVALID naming the file, the tensor and both numbers
 */
export const openScorer: OpenScorer = async (artifactDir) => {
  const [manifest, golden, network] = await Promise.all([
    readJson(artifactDir, 'manifest.json', (value) => manifestSchema.parse(value)),
    readJson(artifactDir, 'golden.json', (value) => goldenSchema.parse(value)),
    readBytes(artifactDir, 'model.onnx'),
  ])
  const session = await openSession(artifactDir, network)
  try {
    checkTensors(artifactDir, 'input', manifest.inputs, session.inputMetadata)
    checkTensors(artifactDir, 'output', manifest.outputs, session.outputMetadata)
    const scorer = sessionScorer(session, manifest)
    await checkGolden(artifactDir, scorer, manifest, golden)
    return scorer
  } catch (error) {
    await session.release()
    throw error
  }
}

function sessionScorer(session: ort.InferenceSession, manifest: Manifest): Scorer {
  return {
    async score(inputs) {
      const feeds: Record<string, ort.Tensor> = {}
      for (const spec of manifest.inputs) feeds[spec.name] = toOrtTensor(manifest.model, spec, inputs[spec.name])
      const results = await session.run(feeds)
      const outputs: Record<string, Tensor> = {}
      for (const spec of manifest.outputs) {
        const tensor = results[spec.name]!
        outputs[spec.name] = { shape: tensor.dims, data: tensor.data as Float32Array | Int32Array }
      }
      return outputs
    },
    close: () => session.release(),
  }
}

function toOrtTensor(model: string, spec: TensorSpec, tensor: Tensor | undefined): ort.Tensor {
  const wrong = (got: string): AppError =>
    new AppError('INPUT_INVALID', `${model}: input '${spec.name}' expects ${spec.dtype} [${spec.shape}], got ${got}.`, {
      details: { field: spec.name },
    })
  if (tensor === undefined) throw wrong('nothing')
  const dtype = tensor.data instanceof Float32Array ? 'float32' : 'int32'
  if (dtype !== spec.dtype || !fits(spec.shape, tensor.shape)) throw wrong(`${dtype} [${tensor.shape}]`)
  let size = 1
  for (const dimension of tensor.shape) size *= dimension
  if (size !== tensor.data.length) throw wrong(`${tensor.data.length} values for shape [${tensor.shape}]`)
  return dtype === 'float32'
    ? new ort.Tensor('float32', tensor.data as Float32Array, tensor.shape)
    : new ort.Tensor('int32', tensor.data as Int32Array, tensor.shape)
}

const fits = (expected: readonly number[], got: readonly number[]): boolean =>
  expected.length === got.length && expected.every((size, axis) => size === -1 || size === got[axis])

async function openSession(artifactDir: string, network: Uint8Array): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(network, sessionOptions)
  } catch (error) {
    throw invalid(artifactDir, `onnxruntime cannot load model.onnx: ${(error as Error).message}`, error)
  }
}

function checkTensors(
  artifactDir: string,
  kind: 'input' | 'output',
  specs: readonly TensorSpec[],
  metadata: readonly ort.InferenceSession.ValueMetadata[],
): void {
  const declared = specs.map((spec) => spec.name).sort()
  const found = metadata.map((value) => value.name).sort()
  if (declared.join() !== found.join()) {
    throw invalid(artifactDir, `model.onnx has the ${kind}s [${found}], the manifest declares [${declared}]`)
  }
  for (const spec of specs) {
    const value = metadata.find((candidate) => candidate.name === spec.name)
    if (!value?.isTensor) throw invalid(artifactDir, `${kind} '${spec.name}' of model.onnx is not a tensor`)
    // A named (dynamic) dimension of the network agrees with −1 only; a fixed one with its own size only.
    const shape = value.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1))
    if (value.type !== spec.dtype || shape.join() !== spec.shape.join()) {
      throw invalid(
        artifactDir,
        `${kind} '${spec.name}' of model.onnx is ${value.type} [${shape}], the manifest declares ${spec.dtype} [${spec.shape}]`,
      )
    }
  }
}

async function checkGolden(artifactDir: string, scorer: Scorer, manifest: Manifest, golden: Golden): Promise<void> {
  const inputs: Record<string, Tensor> = {}
  for (const spec of manifest.inputs) {
    const batch = golden.inputs[spec.name]
    if (batch === undefined) throw invalid(artifactDir, `golden.json lacks the input '${spec.name}'`)
    const data = spec.dtype === 'float32' ? Float32Array.from(batch.data) : Int32Array.from(batch.data)
    inputs[spec.name] = { shape: batch.shape, data }
  }
  let outputs: Tensors
  try {
    outputs = await scorer.score(inputs)
  } catch (error) {
    throw invalid(artifactDir, `the golden batch does not run: ${(error as Error).message}`, error)
  }
  for (const spec of manifest.outputs) compare(artifactDir, spec.name, outputs[spec.name]!, golden)
}

function compare(artifactDir: string, name: string, got: Tensor, golden: Golden): void {
  const expected = golden.outputs[name]
  if (expected === undefined) throw invalid(artifactDir, `golden.json lacks the output '${name}'`)
  if (expected.shape.join() !== got.shape.join()) {
    throw invalid(
      artifactDir,
      `golden output '${name}' has shape [${expected.shape}], the runtime gives [${got.shape}]`,
    )
  }
  const { absolute, relative } = golden.tolerance
  for (let i = 0; i < expected.data.length; i++) {
    const difference = Math.abs(got.data[i]! - expected.data[i]!)
    // Written so that NaN counts as different.
    if (difference <= absolute + relative * Math.abs(expected.data[i]!)) continue
    throw invalid(
      artifactDir,
      `golden output '${name}'[${i}] is ${expected.data[i]} by the trainer and ${got.data[i]} by the runtime (tolerance ${absolute} + ${relative}·|trainer|)`,
    )
  }
}

async function readBytes(artifactDir: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(artifactDir, file))
  } catch (error) {
    throw invalid(artifactDir, `${file} cannot be read: ${(error as Error).message}`, error)
  }
}

async function readJson<T>(artifactDir: string, file: string, parse: (value: unknown) => T): Promise<T> {
  const text = Buffer.from(await readBytes(artifactDir, file)).toString('utf8')
  try {
    return parse(JSON.parse(text))
  } catch (error) {
    throw invalid(artifactDir, `${file} is not what this version reads: ${(error as Error).message}`, error)
  }
}

const invalid = (artifactDir: string, problem: string, cause?: unknown): AppError =>
  new AppError(
    'ARTIFACT_INVALID',
    `${artifactDir}: ${problem}. Train the model again, or roll back to another version.`,
    {
      cause,
      details: { artifactDir },
    },
  )
