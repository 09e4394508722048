import { MlflowAlreadyExistsError, MlflowNotFoundError } from './errors.ts'
import { allPages } from './pages.ts'
import type { CallOptions, Transport } from './transport.ts'
import type { ModelVersion, RegisteredModel, Tag } from './types.ts'

/** The registry's models, by name, and the aliases that point at their versions. */
export class RegisteredModels {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** @param name without `/` and `:`. @throws MlflowAlreadyExistsError */
  async create(name: string, more: { description?: string; tags?: readonly Tag[] } = {}): Promise<RegisteredModel> {
    const call = { body: { name, ...more }, repeatable: false }
    return (await this.#call<{ registeredModel: RegisteredModel }>('POST', 'create', call)).registeredModel
  }

  /** Creates the model unless it is there. */
  async ensure(name: string, more: { description?: string; tags?: readonly Tag[] } = {}): Promise<void> {
    try {
      await this.create(name, more)
    } catch (error) {
      if (!(error instanceof MlflowAlreadyExistsError)) throw error
    }
  }

  /** With its aliases. @throws MlflowNotFoundError */
  async get(name: string): Promise<RegisteredModel> {
    const call = { query: { name }, repeatable: true }
    return (await this.#call<{ registeredModel: RegisteredModel }>('GET', 'get', call)).registeredModel
  }

  search(
    options: { filter?: string; orderBy?: readonly string[]; pageSize?: number } = {},
  ): AsyncGenerator<RegisteredModel> {
    return allPages(async (pageToken) => {
      const { filter, orderBy, pageSize = 100 } = options
      const query = { filter, order_by: orderBy, max_results: pageSize, page_token: pageToken }
      const reply = await this.#call<{ registeredModels?: RegisteredModel[]; nextPageToken?: string }>(
        'GET',
        'search',
        { query, repeatable: true },
      )
      return { items: reply.registeredModels, nextPageToken: reply.nextPageToken }
    })
  }

  async update(name: string, description: string): Promise<void> {
    await this.#call('PATCH', 'update', { body: { name, description }, repeatable: true })
  }

  async rename(name: string, newName: string): Promise<void> {
    await this.#call('POST', 'rename', { body: { name, newName }, repeatable: false })
  }

  async setTag(name: string, key: string, value: string): Promise<void> {
    await this.#call('POST', 'set-tag', { body: { name, key, value }, repeatable: true })
  }

  async deleteTag(name: string, key: string): Promise<void> {
    await this.#call('DELETE', 'delete-tag', { body: { name, key }, repeatable: true })
  }

  /** With all its versions. */
  async delete(name: string): Promise<void> {
    await this.#call('DELETE', 'delete', { body: { name }, repeatable: false })
  }

  /** Moves an alias in one step. `latest` and names like `v3` are reserved. */
  async setAlias(name: string, alias: string, version: string): Promise<void> {
    await this.#call('POST', 'alias', { body: { name, alias, version }, repeatable: true })
  }

  /** Nothing happens when there is no such alias. */
  async deleteAlias(name: string, alias: string): Promise<void> {
    await this.#call('DELETE', 'alias', { body: { name, alias }, repeatable: true })
  }

  /** The version an alias points at; undefined when there is no such alias or model. One cheap request: fit for polling. */
  async getByAlias(name: string, alias: string): Promise<ModelVersion | undefined> {
    try {
      const call = { query: { name, alias }, repeatable: true }
      return (await this.#call<{ modelVersion: ModelVersion }>('GET', 'alias', call)).modelVersion
    } catch (error) {
      if (error instanceof MlflowNotFoundError) return undefined
      throw error
    }
  }

  #call<T>(method: string, name: string, call: CallOptions): Promise<T> {
    return this.#transport.json<T>(method, `/api/2.0/mlflow/registered-models/${name}`, call)
  }
}
