import { allPages } from './pages.ts'
import type { CallOptions, Transport } from './transport.ts'
import type { ModelVersion, Tag } from './types.ts'

/** Versions of registered models. Version numbers are strings and are not reused. */
export class ModelVersions {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Not repeated after a lost connection: put an id of your own into a tag and search for it before trying again.
   *
   * @param version source `models:/m-…` with its modelId, or `runs:/RUN/path` with its runId
   */
  async create(version: {
    name: string
    source: string
    runId?: string
    modelId?: string
    description?: string
    tags?: readonly Tag[]
  }): Promise<ModelVersion> {
    const call = { body: version, repeatable: false }
    return (await this.#call<{ modelVersion: ModelVersion }>('POST', 'create', call)).modelVersion
  }

  /** @throws MlflowNotFoundError */
  async get(name: string, version: string): Promise<ModelVersion> {
    const call = { query: { name, version }, repeatable: true }
    return (await this.#call<{ modelVersion: ModelVersion }>('GET', 'get', call)).modelVersion
  }

  /** @param options filter e.g. `` `name = ${filterText(name)}` ``; a key the server does not know gives nothing, not an error */
  search(
    options: { filter?: string; orderBy?: readonly string[]; pageSize?: number } = {},
  ): AsyncGenerator<ModelVersion> {
    return allPages(async (pageToken) => {
      const { filter, orderBy, pageSize = 200 } = options
      const query = { filter, order_by: orderBy, max_results: pageSize, page_token: pageToken }
      const reply = await this.#call<{ modelVersions?: ModelVersion[]; nextPageToken?: string }>('GET', 'search', {
        query,
        repeatable: true,
      })
      return { items: reply.modelVersions, nextPageToken: reply.nextPageToken }
    })
  }

  async update(name: string, version: string, description: string): Promise<void> {
    await this.#call('PATCH', 'update', { body: { name, version, description }, repeatable: true })
  }

  async setTag(name: string, version: string, key: string, value: string): Promise<void> {
    await this.#call('POST', 'set-tag', { body: { name, version, key, value }, repeatable: true })
  }

  async deleteTag(name: string, version: string, key: string): Promise<void> {
    await this.#call('DELETE', 'delete-tag', { body: { name, version, key }, repeatable: true })
  }

  /** Where its files are, e.g. `mlflow-artifacts:/…`; a `runs:/` source comes back as it was given. */
  async downloadUri(name: string, version: string): Promise<string> {
    const call = { query: { name, version }, repeatable: true }
    return (await this.#call<{ artifactUri: string }>('GET', 'get-download-uri', call)).artifactUri
  }

  /** Its aliases go with it. */
  async delete(name: string, version: string): Promise<void> {
    await this.#call('DELETE', 'delete', { body: { name, version }, repeatable: false })
  }

  #call<T>(method: string, name: string, call: CallOptions): Promise<T> {
    return this.#transport.json<T>(method, `/api/2.0/mlflow/model-versions/${name}`, call)
  }
}
