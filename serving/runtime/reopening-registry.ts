import type { ModelRegistry } from '../../models/registry/model-registry.ts'

/** What serving reads of a registry. */
export type ReadableRegistry = Pick<ModelRegistry, 'champion' | 'fetch' | 'list' | 'history'>

/** A registry that is opened on first use, and again after it could not be opened: a server that is away stops no start. */
export class ReopeningRegistry implements ReadableRegistry {
  readonly #open: () => Promise<ModelRegistry>
  #registry: Promise<ModelRegistry> | undefined

  constructor(open: () => Promise<ModelRegistry>) {
    this.#open = open
  }

  readonly champion: ModelRegistry['champion'] = async (model) => (await this.#opened()).champion(model)
  readonly fetch: ModelRegistry['fetch'] = async (model, version) => (await this.#opened()).fetch(model, version)
  readonly list: ModelRegistry['list'] = async (model) => (await this.#opened()).list(model)
  readonly history: ModelRegistry['history'] = async (model) => (await this.#opened()).history(model)

  async close(): Promise<void> {
    const registry = await this.#registry?.catch(() => undefined)
    await registry?.close()
  }

  #opened(): Promise<ModelRegistry> {
    if (this.#registry === undefined) {
      const opening = this.#open()
      this.#registry = opening
      opening.catch(() => {
        this.#registry = undefined
      })
    }
    return this.#registry
  }
}
