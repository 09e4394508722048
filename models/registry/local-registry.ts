import { randomUUID } from 'node:crypto'
import { cp, mkdir, open, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, toAppError } from '../../errors.ts'
import { type Logger, silentLogger } from '../../log.ts'
import { appendDurably, replaceDurably, syncFolder } from '../artifact/durable-files.ts'
import { type ModelName, modelNames } from '../artifact/manifest.ts'
import { manifestSha256, readManifest, verifyArtifact } from '../artifact/read-artifact.ts'
import { championChain } from './audit.ts'
import { withFolderLock } from './folder-lock.ts'
import { aliasesOf, readAudit, readState, type State, settle } from './local-state.ts'
import type { AuditEntry, ModelRegistry, ModelVersion } from './model-registry.ts'

export interface LocalRegistryOptions {
  /** Who acts, for the audit log. */
  readonly actor: string
  readonly log?: Logger
}

/**
 * The embedded registry: `<dir>/<model>/{versions/<n>/, aliases.json, audit.ndjson}`.
 *
 * Several processes may use it at once; readers never wait. A kill at any moment leaves the state before or after the call.
 * A version is read only if its manifest is the one that was registered, which aliases.json tells.
 */
export function openLocalRegistry(dir: string, { actor, log = silentLogger }: LocalRegistryOptions): ModelRegistry {
  const versionDir = (model: ModelName, version: number): string => join(dir, model, 'versions', String(version))

  const warned = new Set<string>()

  /** What the manifest of a version must hash to; undefined, with a warning once, for one of before this was recorded. */
  function recordedSha256(model: ModelName, version: number, state: State): string | undefined {
    const recorded = state.manifestSha256[version]
    if (recorded === undefined && !warned.has(`${model} ${version}`)) {
      warned.add(`${model} ${version}`)
      log.warn(
        { model, version },
        `version ${version} of ${model} was registered before the registry kept checksums of manifests: its figures are taken as they stand`,
      )
    }
    return recorded
  }

  async function readVersion(model: ModelName, version: number, state: State): Promise<ModelVersion> {
    if (version < 1 || version > state.lastVersion || !Number.isInteger(version)) {
      throw unknownVersion(model, version, state)
    }
    const manifest = await readManifest(versionDir(model, version), recordedSha256(model, version, state))
    const { runId, createdAt } = manifest
    return { model, version, runId, createdAt, aliases: aliasesOf(state, version), manifest }
  }

  /** One change: `change` returns the new state without its entry, and the entry. */
  function update<T>(
    model: ModelName,
    change: (
      state: State,
    ) => Promise<{ next: Partial<State>; entry: Pick<AuditEntry, 'action' | 'version' | 'reason'>; result: T }>,
  ): Promise<T> {
    return failing(async () => {
      const modelDir = join(dir, model)
      await mkdir(join(modelDir, 'versions'), { recursive: true })
      return withFolderLock(join(modelDir, '.lock'), async () => {
        const state = await readState(modelDir)
        await settle(modelDir, state)
        const { next, entry, result } = await change(state)
        const lastEntry: AuditEntry = {
          at: new Date().toISOString(),
          model,
          action: entry.action,
          version: entry.version,
          previousChampion: state.champion,
          actor,
          reason: entry.reason,
        }
        await replaceDurably(join(modelDir, 'aliases.json'), JSON.stringify({ ...state, ...next, lastEntry }, null, 2))
        await appendDurably(join(modelDir, 'audit.ndjson'), JSON.stringify(lastEntry))
        return result
      })
    })
  }

  return {
    kind: 'local',

    register: (artifactDir, reason) =>
      failing(async () => {
        const { model, runId, createdAt } = await readManifest(artifactDir)
        return update(model, async (state) => {
          const version = state.lastVersion + 1
          await copyDurably(artifactDir, versionDir(model, version))
          const sha256 = await manifestSha256(artifactDir)
          const manifest = await verifyArtifact(versionDir(model, version), sha256)
          return {
            next: {
              lastVersion: version,
              challenger: version,
              manifestSha256: { ...state.manifestSha256, [version]: sha256 },
            },
            entry: { action: 'register', version, reason },
            result: { model, version, runId, createdAt, aliases: ['challenger'], manifest },
          }
        })
      }),

    list: (only) =>
      failing(async () => {
        const versions: ModelVersion[] = []
        for (const model of only === undefined ? modelNames : [only]) {
          const state = await readState(join(dir, model))
          for (let version = 1; version <= state.lastVersion; version++) {
            // One damaged version must not hide the others.
            await readVersion(model, version, state).then(
              (found) => versions.push(found),
              (error) => log.warn({ model, version, err: error }, `version ${version} of ${model} is left out`),
            )
          }
        }
        return versions
      }),

    get: (model, version) => failing(async () => readVersion(model, version, await readState(join(dir, model)))),

    champion: (model) =>
      failing(async () => {
        const state = await readState(join(dir, model))
        return state.champion === null ? undefined : readVersion(model, state.champion, state)
      }),

    fetch: (model, version) =>
      failing(async () => {
        const state = await readState(join(dir, model))
        await readVersion(model, version, state)
        await verifyArtifact(versionDir(model, version), state.manifestSha256[version])
        return versionDir(model, version)
      }),

    promote: (model, version, reason) =>
      update(model, async (state) => {
        await readVersion(model, version, state)
        const challenger = state.challenger === version ? null : state.challenger
        return {
          next: { champion: version, challenger },
          entry: { action: 'promote', version, reason },
          result: undefined,
        }
      }),

    refuse: (model, version, reason) =>
      update(model, async (state) => {
        await readVersion(model, version, state)
        return { next: {}, entry: { action: 'refuse', version, reason }, result: undefined }
      }),

    rollback: (model, reason) =>
      update(model, async (state) => {
        const previous = championChain(await readAudit(join(dir, model), state)).at(-2)
        if (previous === undefined) throw nothingToRollBackTo(model)
        const result = await readVersion(model, previous, { ...state, champion: previous })
        return { next: { champion: previous }, entry: { action: 'rollback', version: previous, reason }, result }
      }),

    history: (only) =>
      failing(async () => {
        const entries: AuditEntry[] = []
        for (const model of only === undefined ? modelNames : [only]) {
          entries.push(...(await readAudit(join(dir, model), await readState(join(dir, model)))))
        }
        return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
      }),

    close: async () => {},
  }
}

export const nothingToRollBackTo = (model: ModelName): AppError =>
  new AppError(
    'CONFLICT',
    `${model} has no earlier champion to roll back to. See \`contentflow models history ${model}\`, or promote a version by hand.`,
  )

function unknownVersion(model: ModelName, version: number, state: State): AppError {
  const known = state.lastVersion === 0 ? 'there are none' : `there are 1 to ${state.lastVersion}`
  return new AppError(
    'NOT_FOUND',
    `There is no version ${version} of ${model}; ${known}. See \`contentflow models list\`.`,
  )
}

async function copyDurably(from: string, to: string): Promise<void> {
  const temporary = `${to}.tmp-${randomUUID()}`
  await cp(from, temporary, { recursive: true })
  for (const name of await readdir(temporary)) {
    const handle = await open(join(temporary, name), 'r+')
    await handle.sync().finally(() => handle.close())
  }
  await syncFolder(temporary)
  await rename(temporary, to)
  await syncFolder(join(to, '..'))
}

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toAppError(error, 'REGISTRY_FAILED')
  }
}
