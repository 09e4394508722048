import { Artifacts } from './artifacts.ts'
import { Experiments } from './experiments.ts'
import { LoggedModels } from './logged-models.ts'
import { ModelVersions } from './model-versions.ts'
import { RegisteredModels } from './registered-models.ts'
import { Runs } from './runs.ts'
import { type MlflowClientOptions, Transport } from './transport.ts'

/**
 * A client of one MLflow server. Opening it sends nothing.
 *
 * @example
 * const mlflow = new MlflowClient('http://127.0.0.1:5000')
 * const experimentId = await mlflow.experiments.ensure('demo')
 * const run = await mlflow.runs.create({ experimentId })
 * await mlflow.runs.logMetric(run.info.runId, 'loss', 0.3, { step: 1 })
 * await mlflow.runs.update(run.info.runId, { status: 'FINISHED', endTime: Date.now() })
 */
export class MlflowClient {
  readonly experiments: Experiments
  readonly runs: Runs
  readonly artifacts: Artifacts
  readonly loggedModels: LoggedModels
  readonly registeredModels: RegisteredModels
  readonly modelVersions: ModelVersions
  /** The server's address without credentials. */
  readonly uri: string
  readonly #transport: Transport

  /** @param options the server's address, or all settings. @throws TypeError when the address is no URL */
  constructor(options: string | MlflowClientOptions) {
    const transport = new Transport(typeof options === 'string' ? { uri: options } : options)
    this.#transport = transport
    this.uri = transport.base
    this.experiments = new Experiments(transport)
    this.runs = new Runs(transport)
    this.artifacts = new Artifacts(transport)
    this.loggedModels = new LoggedModels(transport)
    this.registeredModels = new RegisteredModels(transport)
    this.modelVersions = new ModelVersions(transport)
  }

  /** The server's version, e.g. `3.17.2`. It answers this even to Host names whose other calls it refuses. */
  async version(): Promise<string> {
    const text = await this.#transport.send('GET', '/version', { repeatable: true }, (response) => response.text())
    return text.trim()
  }
}
