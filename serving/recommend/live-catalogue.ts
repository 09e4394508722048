import type { HeldFacts } from '../../features/store/online-store.ts'
import type { Logger } from '../../log.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import { type Catalogue, catalogueOf, loadCatalogue } from './catalogue.ts'
import { Retriever } from './retrieve.ts'
import { Trending } from './trending.ts'

/** One materialised version in memory, with what is computed from it. */
export interface CatalogueView {
  readonly catalogue: Catalogue
  readonly trending: Trending
  readonly retriever: Retriever
}

const holdsNothing: HeldFacts = { until: Number.NEGATIVE_INFINITY, readAt: Number.POSITIVE_INFINITY }

/** The online store's catalogue in memory; replaced as a whole when a new version is materialised, kept while the store is away. */
export class LiveCatalogue {
  readonly #store: GuardedStore
  readonly #log: Logger
  readonly #clock: () => number
  #view: CatalogueView
  #polling: Promise<void> | undefined

  constructor(store: GuardedStore, log: Logger, clock: () => number) {
    this.#store = store
    this.#log = log
    this.#clock = clock
    const empty = catalogueOf([], [], {
      version: undefined,
      synthetic: false,
      asOf: clock(),
      held: holdsNothing,
    })
    this.#view = viewOf(empty)
  }

  get view(): CatalogueView {
    return this.#view
  }

  /** Reloads when the store holds another version. Never throws: a store that is away leaves the old catalogue. */
  poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = undefined
    })
    return this.#polling
  }

  async #poll(): Promise<void> {
    const version = await this.#store.tryRead((store) => store.version())
    if (version === undefined || version === this.#view.catalogue.version) return
    const catalogue = await this.#store.tryRead((store) => loadCatalogue(store, this.#clock()))
    if (catalogue === undefined) return
    this.#view = viewOf(catalogue, this.#view.trending)
    // Of a version of before this was noted.
    if (catalogue.held.readAt === Number.POSITIVE_INFINITY) {
      this.#log.warn(
        { version },
        'this version does not say up to when it counts events: those before its moment do not trend until the next `contentflow features materialise`',
      )
    }
    this.#log.info({ version: catalogue.version, contents: catalogue.cards.length }, 'catalogue loaded')
  }
}

const viewOf = (catalogue: Catalogue, earlier?: Trending): CatalogueView => ({
  catalogue,
  trending: new Trending(catalogue, earlier),
  retriever: new Retriever(catalogue),
})
