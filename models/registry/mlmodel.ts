import type { Manifest, TensorSpec } from '../artifact/manifest.ts'
import { networkFile } from '../artifact/write-artifact.ts'

/**
 * The MLmodel file with which `mlflow.pyfunc.load_model` and `mlflow.onnx.load_model` load our artifact as it is.
 *
 * Callers pass numpy arrays by input name: with a tensor signature MLflow refuses data frames.
 *
 * @param modelId of the logged model, `m-…`
 * @param runId undefined when the run is not in MLflow
 */
export function mlmodelFile(manifest: Manifest, modelId: string, runId: string | undefined): string {
  const lines = [
    'flavors:',
    '  onnx:',
    `    data: ${networkFile}`,
    '    onnx_version: 1.17.0',
    '    providers:',
    '    - CPUExecutionProvider',
    '  python_function:',
    '    loader_module: mlflow.onnx',
    `    data: ${networkFile}`,
    `model_id: ${modelId}`,
    ...(runId === undefined ? [] : [`run_id: ${runId}`]),
    'signature:',
    `  inputs: ${yamlText(signature(manifest.inputs))}`,
    `  outputs: ${yamlText(signature(manifest.outputs))}`,
    `utc_time_created: ${yamlText(manifest.createdAt)}`,
  ]
  return `${lines.join('\n')}\n`
}

const signature = (tensors: readonly TensorSpec[]): string =>
  JSON.stringify(tensors.map(({ name, dtype, shape }) => ({ name, type: 'tensor', 'tensor-spec': { dtype, shape } })))

const yamlText = (text: string): string => `'${text.replaceAll("'", "''")}'`
