import type { Manifest, ModelName } from '../artifact/manifest.ts'

export type Alias = 'champion' | 'challenger'

export interface ModelVersion {
  readonly model: ModelName
  /** Counts from 1 per model; never reused. */
  readonly version: number
  readonly runId: string
  readonly createdAt: string
  readonly aliases: readonly Alias[]
  readonly manifest: Manifest
}

/** One line of the audit log: who moved which alias where, and why. */
export interface AuditEntry {
  readonly at: string
  readonly model: ModelName
  readonly action: 'register' | 'promote' | 'refuse' | 'rollback'
  readonly version: number
  readonly previousChampion: number | null
  readonly actor: string
  readonly reason: string
}

/** Versions, aliases and their history: a local folder, or a real MLflow. */
export interface ModelRegistry {
  readonly kind: 'local' | 'mlflow'

  /** Stores a verified artifact folder as the next version, alias `challenger`. Atomic: a kill leaves no half version. */
  register(artifactDir: string, reason: string): Promise<ModelVersion>
  list(model?: ModelName): Promise<readonly ModelVersion[]>
  /** @throws AppError NOT_FOUND */
  get(model: ModelName, version: number): Promise<ModelVersion>
  champion(model: ModelName): Promise<ModelVersion | undefined>
  /** A local folder that holds the artifact (downloaded and verified against its checksums where the registry is remote). */
  fetch(model: ModelName, version: number): Promise<string>
  /** Moves `champion`, and writes the audit log. @throws AppError NOT_FOUND */
  promote(model: ModelName, version: number, reason: string): Promise<void>
  /** Records why a version stays challenger. */
  refuse(model: ModelName, version: number, reason: string): Promise<void>
  /** Makes the previous champion champion again. @throws AppError CONFLICT when there is none */
  rollback(model: ModelName, reason: string): Promise<ModelVersion>
  /** Oldest first. */
  history(model?: ModelName): Promise<readonly AuditEntry[]>
  close(): Promise<void>
}
