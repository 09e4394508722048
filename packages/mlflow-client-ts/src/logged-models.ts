import { allPages } from './pages.ts'
import type { Transport } from './transport.ts'
import type { LoggedModel, LoggedModelStatus, Tag } from './types.ts'

const root = '/api/2.0/mlflow/logged-models'
const one = (modelId: string): string => `${root}/${encodeURIComponent(modelId)}`

/** Logged models: `create` → upload files to `info.artifactUri` → `finalize` → `runs.logOutputs` → `registry.createVersion`. */
export class LoggedModels {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Not repeated after a lost connection; a model left PENDING does no harm. */
  async create(model: {
    experimentId: string
    name: string
    modelType?: string
    sourceRunId?: string
    params?: readonly Tag[]
    tags?: readonly Tag[]
  }): Promise<LoggedModel> {
    return (await this.#transport.json<{ model: LoggedModel }>('POST', root, { body: model, repeatable: false })).model
  }

  /** @throws MlflowNotFoundError */
  async get(modelId: string): Promise<LoggedModel> {
    return (await this.#transport.json<{ model: LoggedModel }>('GET', one(modelId), { repeatable: true })).model
  }

  /** Says that all files are there, or that they will not come. */
  async finalize(modelId: string, status: Exclude<LoggedModelStatus, 'LOGGED_MODEL_PENDING'>): Promise<void> {
    await this.#transport.json('PATCH', one(modelId), { body: { modelId, status }, repeatable: true })
  }

  async setTags(modelId: string, tags: readonly Tag[]): Promise<void> {
    await this.#transport.json('PATCH', `${one(modelId)}/tags`, { body: { modelId, tags }, repeatable: true })
  }

  async logParams(modelId: string, params: readonly Tag[]): Promise<void> {
    await this.#transport.json('POST', `${one(modelId)}/params`, { body: { modelId, params }, repeatable: true })
  }

  search(options: {
    experimentIds: readonly string[]
    filter?: string
    pageSize?: number
  }): AsyncGenerator<LoggedModel> {
    const { pageSize = 50, ...rest } = options
    return allPages(async (pageToken) => {
      const call = { body: { ...rest, maxResults: pageSize, pageToken }, repeatable: true }
      const reply = await this.#transport.json<{ models?: LoggedModel[]; nextPageToken?: string }>(
        'POST',
        `${root}/search`,
        call,
      )
      return { items: reply.models, nextPageToken: reply.nextPageToken }
    })
  }

  async delete(modelId: string): Promise<void> {
    await this.#transport.json('DELETE', one(modelId), { repeatable: false })
  }
}
