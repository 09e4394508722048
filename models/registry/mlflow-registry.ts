import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  MlflowClient,
  MlflowConnectionError,
  MlflowNotFoundError,
  type ModelVersion as StoredVersion,
} from '#mlflow-client'
import { AppError } from '../../errors.ts'
import { type Logger, silentLogger } from '../../log.ts'
import { appendDurably } from '../artifact/durable-files.ts'
import { type ModelName, modelNames } from '../artifact/manifest.ts'
import { verifyArtifact } from '../artifact/read-artifact.ts'
import { championChain } from './audit.ts'
import { nothingToRollBackTo } from './local-registry.ts'
import { cachedArtifact, cachedManifest } from './mlflow-artifacts.ts'
import { mlflowFailure } from './mlflow-failure.ts'
import { createVersion, logModel, storedVersions } from './mlflow-register.ts'
import { auditEntries, auditTag, manifestTag, storedArtifact } from './mlflow-tags.ts'
import type { Alias, AuditEntry, ModelRegistry, ModelVersion } from './model-registry.ts'

export interface MlflowRegistryOptions {
  readonly uri: string
  /** Experiment of the logged models. */
  readonly experiment: string
  /** Downloaded artifacts, and what this machine did (`<model>/mlflow-audit.ndjson`), are kept here. */
  readonly dir: string
  /** Who acts, for the audit log. */
  readonly actor: string
  readonly log?: Logger
  /** Put before each model's registered name, e.g. to share a server; empty by default. */
  readonly namePrefix?: string
  /** When it aborts, calls to the server under way fail, and so do later ones: for a caller that cannot wait for a server that hangs. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The registry of a real MLflow: each version is a logged model (files) and a model version (number, aliases). The audit log is
 * in the tags of the versions, so every machine sees all of it.
 *
 * A version comes into being only when all its files are there; a kill before leaves a logged model that is PENDING.
 *
 * @throws AppError REGISTRY_FAILED when the server does not answer
 */
export async function openMlflowRegistry(options: MlflowRegistryOptions): Promise<ModelRegistry> {
  const { actor, log = silentLogger, namePrefix = '', signal } = options
  const mlflow = new MlflowClient({
    uri: options.uri,
    ...(signal === undefined ? {} : { signal }),
    onRetry: (error, attempt) => log.debug({ err: error, attempt }, 'asking MLflow again'),
  })
  const calling = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw mlflowFailure(error, mlflow.uri)
    }
  }
  const experimentId = await calling(() => mlflow.experiments.ensure(options.experiment))
  const cacheDir = (model: ModelName): string => join(options.dir, 'mlflow-cache', model)
  const nameOf = (model: ModelName): string => namePrefix + model

  async function toVersion(
    model: ModelName,
    found: StoredVersion,
    aliases = found.aliases ?? [],
  ): Promise<ModelVersion> {
    const manifest = await cachedManifest(mlflow, storedArtifact(found), cacheDir(model))
    const { runId, createdAt } = manifest
    return { model, version: Number(found.version), runId, createdAt, aliases: aliases.filter(isAlias), manifest }
  }

  async function getStored(model: ModelName, version: number): Promise<StoredVersion> {
    try {
      return await mlflow.modelVersions.get(nameOf(model), String(version))
    } catch (error) {
      if (!(error instanceof MlflowNotFoundError)) throw error
      throw new AppError(
        'NOT_FOUND',
        `There is no version ${version} of ${model} in MLflow at ${mlflow.uri}. See \`contentflow models list\`.`,
      )
    }
  }

  async function championNumber(model: ModelName): Promise<number | null> {
    const found = await mlflow.registeredModels.getByAlias(nameOf(model), 'champion')
    return found === undefined ? null : Number(found.version)
  }

  function newEntry(
    model: ModelName,
    what: Pick<AuditEntry, 'action' | 'version' | 'reason' | 'previousChampion'>,
  ): AuditEntry {
    // Tags hold some thousand characters.
    return { at: new Date().toISOString(), model, actor, ...what, reason: what.reason.slice(0, 4000) }
  }

  async function recordLocally(entry: AuditEntry): Promise<void> {
    const dir = join(options.dir, entry.model)
    await mkdir(dir, { recursive: true })
    await appendDurably(join(dir, 'mlflow-audit.ndjson'), JSON.stringify(entry))
  }

  /** The audit line is written before the alias moves: a kill between them leaves an intent on record, never a silent change. */
  async function record(entry: AuditEntry): Promise<void> {
    const { key, value } = auditTag(entry)
    await mlflow.modelVersions.setTag(nameOf(entry.model), String(entry.version), key, value)
    await recordLocally(entry)
  }

  async function makeChampion(
    model: ModelName,
    version: number,
    action: 'promote' | 'rollback',
    reason: string,
  ): Promise<void> {
    const name = nameOf(model)
    await record(newEntry(model, { action, version, reason, previousChampion: await championNumber(model) }))
    await mlflow.registeredModels.setAlias(name, 'champion', String(version))
    const challenger = await mlflow.registeredModels.getByAlias(name, 'challenger')
    if (challenger?.version === String(version)) await mlflow.registeredModels.deleteAlias(name, 'challenger')
  }

  async function historyOf(model: ModelName): Promise<AuditEntry[]> {
    const entries = (await storedVersions(mlflow, nameOf(model))).flatMap(auditEntries)
    return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  }

  return {
    kind: 'mlflow',

    register: (artifactDir, reason) =>
      calling(async () => {
        const manifest = await verifyArtifact(artifactDir)
        const { model, runId, createdAt, metrics } = manifest
        const { modelId, manifestSha256 } = await logModel(mlflow, experimentId, artifactDir, manifest)
        await mlflow.registeredModels.ensure(nameOf(model), { description: `ContentFlow: ${model}` })
        const headline = metrics[0]!
        const number = await createVersion(mlflow, nameOf(model), modelId, [
          { key: manifestTag, value: manifestSha256 },
          { key: 'contentflow.headline', value: `${headline.metric} = ${headline.model.value}` },
          { key: 'contentflow.synthetic', value: String(manifest.synthetic) },
        ])
        const version = Number(number)
        await record(
          newEntry(model, { action: 'register', version, reason, previousChampion: await championNumber(model) }),
        )
        await mlflow.registeredModels.setAlias(nameOf(model), 'challenger', number)
        return { model, version, runId, createdAt, aliases: ['challenger'], manifest }
      }),

    list: (only) =>
      calling(async () => {
        const versions: ModelVersion[] = []
        for (const model of only === undefined ? modelNames : [only]) {
          const stored = await storedVersions(mlflow, nameOf(model))
          if (stored.length === 0) continue
          const { aliases = [] } = await mlflow.registeredModels.get(nameOf(model))
          for (const found of stored) {
            const own = aliases.filter(({ version }) => version === found.version).map(({ alias }) => alias)
            // One damaged or foreign version must not hide the others.
            await toVersion(model, found, own).then(
              (version) => versions.push(version),
              (error) => {
                if (error instanceof MlflowConnectionError) throw error
                log.warn(
                  { model, version: found.version, err: error },
                  `version ${found.version} of ${model} is left out`,
                )
              },
            )
          }
        }
        return versions
      }),

    get: (model, version) => calling(async () => toVersion(model, await getStored(model, version))),

    champion: (model) =>
      calling(async () => {
        const found = await mlflow.registeredModels.getByAlias(nameOf(model), 'champion')
        return found === undefined ? undefined : toVersion(model, found)
      }),

    fetch: (model, version) =>
      calling(async () =>
        cachedArtifact(mlflow, storedArtifact(await getStored(model, version)), cacheDir(model), log),
      ),

    promote: (model, version, reason) =>
      calling(async () => {
        await getStored(model, version)
        await makeChampion(model, version, 'promote', reason)
        await mlflow.modelVersions.setTag(nameOf(model), String(version), 'contentflow.verdict', 'promoted')
      }),

    refuse: (model, version, reason) =>
      calling(async () => {
        await getStored(model, version)
        await record(
          newEntry(model, { action: 'refuse', version, reason, previousChampion: await championNumber(model) }),
        )
        await mlflow.modelVersions.setTag(nameOf(model), String(version), 'contentflow.verdict', 'refused')
      }),

    rollback: (model, reason) =>
      calling(async () => {
        const chain = championChain(await historyOf(model))
        const current = await championNumber(model)
        // A kill between the audit line and the alias leaves a promotion on record that never was: what counts is who is champion.
        const place = current === null ? -1 : chain.lastIndexOf(current)
        const previous = place < 0 ? chain.at(-1) : chain[place - 1]
        if (previous === undefined) throw nothingToRollBackTo(model)
        await makeChampion(model, previous, 'rollback', reason)
        return toVersion(model, await getStored(model, previous))
      }),

    history: (only) =>
      calling(async () => {
        const entries: AuditEntry[] = []
        for (const model of only === undefined ? modelNames : [only]) entries.push(...(await historyOf(model)))
        return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
      }),

    close: async () => {},
  }
}

const isAlias = (alias: string): alias is Alias => alias === 'champion' || alias === 'challenger'
