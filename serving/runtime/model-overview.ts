import { type AppError, toAppError } from '../../errors.ts'
import type { Manifest, ModelName } from '../../models/artifact/manifest.ts'
import type { Alias, AuditEntry, ModelVersion } from '../../models/registry/model-registry.ts'
import type { ModelStatus, ModelStore } from './model-store.ts'
import type { ReadableRegistry } from './reopening-registry.ts'

/** One version of a model, as a person judges it. */
export interface VersionOverview {
  readonly version: number
  readonly aliases: readonly Alias[]
  readonly createdAt: string
  readonly runId: string
  readonly synthetic: boolean
  readonly metrics: Manifest['metrics']
  /** Why it was promoted, refused or rolled back: the last word of the audit log. */
  readonly verdict: { readonly action: AuditEntry['action']; readonly reason: string; readonly at: string } | null
}

interface ModelOverview extends ModelStatus {
  /** Newest first. */
  readonly versions: readonly VersionOverview[]
}

export interface RegistryOverview {
  readonly models: readonly ModelOverview[]
  /** Why only the models in memory are shown; null while the registry answers. */
  readonly registryProblem: string | null
}

const cacheMs = 5000
const versionsShown = 10

/** What the registry knows of all models, read at most every five seconds; while it is away, what serves is shown. */
export class ModelOverviewReader {
  readonly #registry: ReadableRegistry
  readonly #models: ModelStore
  #read: Promise<readonly [readonly ModelVersion[], readonly AuditEntry[]]> | undefined
  #readAt = Number.NEGATIVE_INFINITY

  constructor(registry: ReadableRegistry, models: ModelStore) {
    this.#registry = registry
    this.#models = models
  }

  async overview(): Promise<RegistryOverview> {
    const statuses = this.#models.status()
    try {
      const [versions, audit] = await this.#fresh()
      const models = statuses.map((status) => ({ ...status, versions: versionsOf(status.name, versions, audit) }))
      return { models, registryProblem: null }
    } catch (thrown) {
      const error: AppError = toAppError(thrown, 'REGISTRY_FAILED')
      const models = statuses.map((status) => ({ ...status, versions: this.#served(status.name) }))
      return { models, registryProblem: error.message }
    }
  }

  #fresh(): Promise<readonly [readonly ModelVersion[], readonly AuditEntry[]]> {
    const now = performance.now()
    if (this.#read === undefined || now - this.#readAt > cacheMs) {
      this.#readAt = now
      this.#read = Promise.all([this.#registry.list(), this.#registry.history()])
      this.#read.catch(() => {
        this.#read = undefined
      })
    }
    return this.#read
  }

  #served(name: ModelName): VersionOverview[] {
    const model = this.#models.peek(name)
    if (model === undefined) return []
    const { version, manifest } = model
    return [{ version, aliases: ['champion'], ...facts(manifest), verdict: null }]
  }
}

function versionsOf(
  name: ModelName,
  versions: readonly ModelVersion[],
  audit: readonly AuditEntry[],
): VersionOverview[] {
  return versions
    .filter((version) => version.model === name)
    .sort((a, b) => b.version - a.version)
    .slice(0, versionsShown)
    .map(({ version, aliases, manifest }) => {
      const said = audit.findLast(
        (entry) => entry.model === name && entry.version === version && entry.action !== 'register',
      )
      const verdict = said === undefined ? null : { action: said.action, reason: said.reason, at: said.at }
      return { version, aliases, ...facts(manifest), verdict }
    })
}

const facts = ({
  createdAt,
  runId,
  synthetic,
  metrics,
}: Manifest): Omit<VersionOverview, 'version' | 'aliases' | 'verdict'> => ({
  createdAt,
  runId,
  synthetic,
  metrics,
})
