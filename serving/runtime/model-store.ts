import { AppError, toAppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { type Manifest, type ModelName, modelNames } from '../../models/artifact/manifest.ts'
import { verifyArtifact } from '../../models/artifact/read-artifact.ts'
import type { ModelVersion } from '../../models/registry/model-registry.ts'
import { refusedChallenger } from '../../models/registry/refused-challenger.ts'
import type { OpenScorer } from '../../models/scorer.ts'
import { openBalancedScorer } from './balanced-scorer.ts'
import type { LastChampions } from './last-champions.ts'
import { loadModel } from './load-model.ts'
import type { LoadedModel } from './loaded-model.ts'
import type { ReadableRegistry } from './reopening-registry.ts'
import { ScorerThread } from './scorer-thread.ts'

export interface ModelStoreOptions {
  readonly registry: ReadableRegistry
  /** Kept up to date, for a start while the registry is away; for a registry that cannot be away, undefined. */
  readonly lastChampions?: LastChampions | undefined
  readonly openScorer: OpenScorer
  /** Our hash of a feature service, or undefined when there is no such service. */
  readonly schemaHash: (featureService: string) => string | undefined
  readonly log: Logger
  /** Aborted when the service stops: what the registry fails to answer from then on is no fault of it. */
  readonly stopping?: AbortSignal
}

/** What is known of one model: what serves, and why a newer champion does not. */
export interface ModelStatus {
  readonly name: ModelName
  readonly serving: number | null
  readonly refused: { readonly version: number; readonly code: string; readonly message: string } | null
  /** Without a champion: the version that the gate refused, whose neighbour lists answer in its place, and the gate's reason. */
  readonly standIn: { readonly version: number; readonly reason: string } | null
}

/** A model in use by some requests; its session is released when it is retired and the last of them is done. */
interface Slot {
  readonly model: LoadedModel
  /** Why the gate refused it; null for a champion. */
  readonly refusal: string | null
  users: number
  retired: boolean
}

/** Its artifact carries the baselines that won, so there is something honest to serve when the gate refused the network. */
const mayStandIn: readonly ModelName[] = ['recommender']

/**
 * The champions in memory. A newly promoted version is loaded and verified beside the old one and takes over between two
 * requests; one that does not verify is refused, logged once, and the old one stays.
 */
export class ModelStore {
  readonly #options: ModelStoreOptions
  readonly #thread = new ScorerThread()
  readonly #slots = new Map<ModelName, Slot>()
  readonly #refused = new Map<ModelName, NonNullable<ModelStatus['refused']>>()
  #registryError: AppError | undefined
  #polling: Promise<void> | undefined

  constructor(options: ModelStoreOptions) {
    this.#options = options
  }

  /** Loads what served last without asking the registry; the next poll replaces what is outdated. Never throws. */
  async recall(): Promise<void> {
    const { lastChampions, log } = this.#options
    for (const [name, { version, dir }] of Object.entries((await lastChampions?.read()) ?? {})) {
      try {
        const manifest = await verifyArtifact(dir)
        this.#swap(name as ModelName, await this.#load(manifest, version, dir), null)
      } catch (error) {
        log.warn({ model: name, version, reason: (error as Error).message }, 'last champion not loaded')
      }
    }
  }

  /** Looks for promoted, demoted and rolled-back versions once. Never throws: what fails is logged and shows in `status()`. */
  poll(): Promise<void> {
    this.#polling ??= this.#pollAll().finally(() => {
      this.#polling = undefined
    })
    return this.#polling
  }

  /** Runs `use` with the champion, which stays open until `use` is done; undefined when there is none. */
  use<M extends ModelName, T>(name: M, use: (model: LoadedModel<M> | undefined) => Promise<T>): Promise<T> {
    return this.useOrStandIn(name, (model, refusal) => use(refusal === null ? model : undefined))
  }

  /**
   * As `use`, but without a champion the version that the gate refused, if its baselines can answer.
   *
   * @param use its `refusal` is the gate's reason: only the lists of such a model may be used, not its network
   */
  async useOrStandIn<M extends ModelName, T>(
    name: M,
    use: (model: LoadedModel<M> | undefined, refusal: string | null) => Promise<T>,
  ): Promise<T> {
    const slot = this.#slots.get(name)
    if (slot === undefined) return use(undefined, null)
    slot.users++
    try {
      return await use(slot.model as LoadedModel<M>, slot.refusal)
    } finally {
      slot.users--
      if (slot.retired && slot.users === 0) this.#release(slot)
    }
  }

  /** As `use`, for an answer that is impossible without the model. @throws AppError MODEL_MISSING saying what to run */
  require<M extends ModelName, T>(name: M, use: (model: LoadedModel<M>) => Promise<T>): Promise<T> {
    return this.use(name, (model) => {
      if (model === undefined) throw this.#missing(name)
      return use(model)
    })
  }

  /** The champion now, only to look at; use `use` to score with it. */
  peek<M extends ModelName>(name: M): LoadedModel<M> | undefined {
    return this.#champion(name)?.model as LoadedModel<M> | undefined
  }

  status(): readonly ModelStatus[] {
    return modelNames.map((name) => ({
      name,
      serving: this.#champion(name)?.model.version ?? null,
      refused: this.#refused.get(name) ?? null,
      standIn: this.#standIn(name),
    }))
  }

  /** Why the registry could not be asked at the last poll. */
  registryError(): AppError | undefined {
    return this.#registryError
  }

  /** Releases all sessions; call it when no request is under way. */
  async close(): Promise<void> {
    await this.#polling
    for (const slot of this.#slots.values()) await slot.model.scorer.close()
    this.#slots.clear()
    await this.#thread.close()
  }

  async #pollAll(): Promise<void> {
    for (const name of modelNames) {
      try {
        await this.#pollOne(name)
      } catch (thrown) {
        if (this.#options.stopping?.aborted) return
        const error = toAppError(thrown, 'REGISTRY_FAILED')
        if (this.#registryError?.message !== error.message) {
          this.#options.log.error({ model: name, code: error.code, reason: error.message }, 'registry not reachable')
        }
        this.#registryError = error
        return
      }
    }
    if (this.#registryError !== undefined) this.#options.log.info('registry reachable again')
    this.#registryError = undefined
  }

  async #pollOne(name: ModelName): Promise<void> {
    const champion = await this.#options.registry.champion(name)
    const current = this.#champion(name)
    if (champion === undefined && current === undefined && mayStandIn.includes(name)) return this.#pollStandIn(name)
    if (champion === undefined || champion.version === current?.model.version) {
      this.#refused.delete(name)
      return
    }
    if (this.#refused.get(name)?.version === champion.version) return
    await this.#replace(name, champion, null)
  }

  /** Loads what the gate refused where there is no champion; a later champion takes its place. */
  async #pollStandIn(name: ModelName): Promise<void> {
    const found = await refusedChallenger(this.#options.registry, name)
    if (found === undefined || found.version.version === this.#slots.get(name)?.model.version) {
      this.#refused.delete(name)
      return
    }
    if (this.#refused.get(name)?.version === found.version.version) return
    await this.#replace(name, found.version, found.reason)
  }

  /** Puts a version into service, or notes why it cannot be. */
  async #replace(name: ModelName, version: ModelVersion, refusal: string | null): Promise<void> {
    try {
      const dir = await this.#options.registry.fetch(name, version.version)
      this.#swap(name, await this.#load(version.manifest, version.version, dir), refusal)
      this.#refused.delete(name)
      if (refusal === null) await this.#options.lastChampions?.keep(name, version.version, dir)
    } catch (thrown) {
      const error = toAppError(thrown, 'ARTIFACT_INVALID')
      if (error.code === 'REGISTRY_FAILED') throw error
      this.#refused.set(name, { version: version.version, code: error.code, message: error.message })
      const stays = this.#slots.get(name)?.model.version ?? null
      this.#options.log.error(
        { model: name, version: version.version, stays, code: error.code, reason: error.message },
        'model refused',
      )
    }
  }

  #champion(name: ModelName): Slot | undefined {
    const slot = this.#slots.get(name)
    return slot?.refusal === null ? slot : undefined
  }

  #standIn(name: ModelName): ModelStatus['standIn'] {
    const slot = this.#slots.get(name)
    if (slot === undefined || slot.refusal === null) return null
    return { version: slot.model.version, reason: slot.refusal }
  }

  #load(manifest: Manifest, version: number, dir: string): Promise<LoadedModel> {
    const { openScorer, schemaHash } = this.#options
    return loadModel(manifest, version, dir, {
      openScorer: (its) => openBalancedScorer(its, openScorer, this.#thread),
      schemaHash,
    })
  }

  #swap(name: ModelName, model: LoadedModel, refusal: string | null): void {
    const old = this.#slots.get(name)
    this.#slots.set(name, { model, refusal, users: 0, retired: false })
    const facts = { model: name, version: model.version, replaces: old?.model.version ?? null }
    if (refusal === null) this.#options.log.info(facts, 'model serves')
    else this.#options.log.warn({ ...facts, refusal }, 'no champion: the lists of a refused version serve')
    if (old === undefined) return
    old.retired = true
    if (old.users === 0) this.#release(old)
  }

  #release({ model }: Slot): void {
    model.scorer.close().catch((error: Error) => {
      this.#options.log.warn(
        { model: model.name, version: model.version, reason: error.message },
        'session not released',
      )
    })
  }

  /** Why no champion of this model serves, as part of a sentence. */
  absence(name: ModelName): string {
    const refused = this.#refused.get(name)
    if (refused !== undefined) return `version ${refused.version} was refused (${refused.message})`
    if (this.#registryError !== undefined) return `the registry cannot be read (${this.#registryError.message})`
    return 'no version is champion'
  }

  #missing(name: ModelName): AppError {
    return new AppError(
      'MODEL_MISSING',
      `The model ${name} cannot answer: ${this.absence(name)}. Run \`contentflow train ${name}\`, or look at \`contentflow models list\`.`,
      { details: { model: name } },
    )
  }
}
