import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { AppError } from '../../errors.ts'
import { checkGolden, goldenInputs } from '../../models/artifact/golden.ts'
import type { Manifest, TensorSpec } from '../../models/artifact/manifest.ts'
import { readGolden, verifyArtifact } from '../../models/artifact/read-artifact.ts'
import { networkFile } from '../../models/artifact/write-artifact.ts'
import type { OpenScorer, Scorer, Tensor } from '../../models/scorer.ts'

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
  const manifest = await verifyArtifact(artifactDir)
  const golden = await readGolden(artifactDir)
  const session = await openSession(artifactDir)
  try {
    checkTensors(artifactDir, 'input', manifest.inputs, session.inputMetadata)
    checkTensors(artifactDir, 'output', manifest.outputs, session.outputMetadata)
    const scorer = sessionScorer(session, manifest)
    checkGolden(golden, await scorer.score(goldenInputs(golden, manifest)), artifactDir)
    return scorer
  } catch (error) {
    await session.release()
    if (error instanceof AppError && error.code === 'ARTIFACT_INVALID') throw error
    throw invalid(artifactDir, `the golden batch does not run: ${(error as Error).message}`, error)
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

async function openSession(artifactDir: string): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(await readFile(join(artifactDir, networkFile)), sessionOptions)
  } catch (error) {
    throw invalid(artifactDir, `onnxruntime cannot load ${networkFile}: ${(error as Error).message}`, error)
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

const invalid = (artifactDir: string, problem: string, cause?: unknown): AppError =>
  new AppError(
    'ARTIFACT_INVALID',
    `${artifactDir}: ${problem}. Train the model again, or roll back to another version.`,
    {
      cause,
      details: { artifactDir },
    },
  )
