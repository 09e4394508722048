import { MlflowAlreadyExistsError, MlflowNotFoundError } from './errors.ts'
import { allPages } from './pages.ts'
import type { Transport } from './transport.ts'
import type { Experiment, Tag, ViewType } from './types.ts'

const path = (name: string): string => `/api/2.0/mlflow/experiments/${name}`

/** Experiments: the folders of runs. */
export class Experiments {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** @returns the new id. @throws MlflowAlreadyExistsError also when a deleted experiment has the name */
  async create(name: string, tags: readonly Tag[] = []): Promise<string> {
    const body = { name, tags }
    const reply = await this.#transport.json<{ experimentId: string }>('POST', path('create'), {
      body,
      repeatable: false,
    })
    return reply.experimentId
  }

  /** The id of an experiment that is created, or restored, if need be. Safe against others doing the same. */
  async ensure(name: string): Promise<string> {
    let found = await this.getByName(name)
    if (found === undefined) {
      try {
        return await this.create(name)
      } catch (error) {
        if (!(error instanceof MlflowAlreadyExistsError)) throw error
        found = await this.getByName(name)
        if (found === undefined) throw error
      }
    }
    if (found.lifecycleStage === 'deleted') await this.restore(found.experimentId)
    return found.experimentId
  }

  /** @throws MlflowNotFoundError */
  async get(experimentId: string): Promise<Experiment> {
    const query = { experiment_id: experimentId }
    const call = { query, repeatable: true }
    return (await this.#transport.json<{ experiment: Experiment }>('GET', path('get'), call)).experiment
  }

  /** Also finds deleted ones: look at `lifecycleStage`. */
  async getByName(name: string): Promise<Experiment | undefined> {
    try {
      const call = { query: { experiment_name: name }, repeatable: true }
      return (await this.#transport.json<{ experiment: Experiment }>('GET', path('get-by-name'), call)).experiment
    } catch (error) {
      if (error instanceof MlflowNotFoundError) return undefined
      throw error
    }
  }

  /** @param options filter e.g. `name LIKE 'content%'`; there is no OR */
  search(
    options: { filter?: string; orderBy?: readonly string[]; viewType?: ViewType; pageSize?: number } = {},
  ): AsyncGenerator<Experiment> {
    const { pageSize = 1000, ...rest } = options
    return allPages(async (pageToken) => {
      const body = { ...rest, maxResults: pageSize, pageToken }
      const call = { body, repeatable: true }
      const reply = await this.#transport.json<{ experiments?: Experiment[]; nextPageToken?: string }>(
        'POST',
        path('search'),
        call,
      )
      return { items: reply.experiments, nextPageToken: reply.nextPageToken }
    })
  }

  async rename(experimentId: string, newName: string): Promise<void> {
    await this.#transport.json('POST', path('update'), { body: { experimentId, newName }, repeatable: true })
  }

  async setTag(experimentId: string, key: string, value: string): Promise<void> {
    const body = { experimentId, key, value }
    await this.#transport.json('POST', path('set-experiment-tag'), { body, repeatable: true })
  }

  /** @throws MlflowNotFoundError when there is no such tag, so also when sent twice */
  async deleteTag(experimentId: string, key: string): Promise<void> {
    const body = { experimentId, key }
    await this.#transport.json('POST', path('delete-experiment-tag'), { body, repeatable: false })
  }

  /** @throws MlflowNotFoundError when it is already deleted */
  async delete(experimentId: string): Promise<void> {
    await this.#transport.json('POST', path('delete'), { body: { experimentId }, repeatable: false })
  }

  /** @throws MlflowNotFoundError when it is not deleted */
  async restore(experimentId: string): Promise<void> {
    await this.#transport.json('POST', path('restore'), { body: { experimentId }, repeatable: false })
  }
}
