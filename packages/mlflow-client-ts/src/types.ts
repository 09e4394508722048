/** MLflow's entities, keys in camelCase. Times are ms since 1970; versions of models are strings. */

export interface Tag {
  readonly key: string
  readonly value: string
}

export type LifecycleStage = 'active' | 'deleted'
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL'
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'

export interface Experiment {
  readonly experimentId: string
  readonly name: string
  /** e.g. `mlflow-artifacts:/1` */
  readonly artifactLocation: string
  readonly lifecycleStage: LifecycleStage
  readonly tags?: readonly Tag[]
}

export interface RunInfo {
  readonly runId: string
  readonly runName?: string
  readonly experimentId: string
  readonly status: RunStatus
  readonly startTime: number
  readonly endTime?: number
  /** e.g. `mlflow-artifacts:/1/<runId>/artifacts` */
  readonly artifactUri: string
  readonly lifecycleStage: LifecycleStage
}

export interface Metric {
  readonly key: string
  readonly value: number
  readonly timestamp: number
  readonly step: number
}

export interface Run {
  readonly info: RunInfo
  readonly data: {
    /** The last value of each metric. */
    readonly metrics?: readonly Metric[]
    readonly params?: readonly Tag[]
    readonly tags?: readonly Tag[]
  }
  readonly inputs?: { readonly datasetInputs?: readonly DatasetInput[] }
}

export interface Dataset {
  readonly name: string
  /** At most 36 characters. The same name and digest a second time keeps the first context: give each split its own digest. */
  readonly digest: string
  readonly sourceType: string
  readonly source: string
  /** JSON text. */
  readonly schema?: string
  /** JSON text, e.g. `{"num_rows":100}`. */
  readonly profile?: string
}

export interface DatasetInput {
  readonly dataset: Dataset
  /** `mlflow.data.context` says what it was used for. */
  readonly tags: readonly Tag[]
}

export interface FileInfo {
  readonly path: string
  readonly isDir: boolean
  /** Bytes; absent for folders and for empty files. */
  readonly fileSize?: number
}

export type LoggedModelStatus = 'LOGGED_MODEL_PENDING' | 'LOGGED_MODEL_READY' | 'LOGGED_MODEL_UPLOAD_FAILED'

export interface LoggedModel {
  readonly info: {
    /** `m-…` */
    readonly modelId: string
    readonly experimentId: string
    readonly name: string
    readonly artifactUri: string
    readonly status: LoggedModelStatus
    readonly modelType?: string
    readonly sourceRunId?: string
    readonly creationTimestampMs?: number
    readonly tags?: readonly Tag[]
  }
  readonly data?: { readonly params?: readonly Tag[]; readonly metrics?: readonly Metric[] }
}

export interface RegisteredModel {
  readonly name: string
  readonly description?: string
  readonly creationTimestamp: number
  readonly tags?: readonly Tag[]
  readonly aliases?: readonly { readonly alias: string; readonly version: string }[]
}

export interface ModelVersion {
  readonly name: string
  readonly version: string
  readonly creationTimestamp: number
  readonly description?: string
  /** e.g. `models:/m-…`, the only trace of the logged model it was made from. */
  readonly source?: string
  /** Empty when it has none. */
  readonly runId?: string
  readonly status: 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION' | 'READY'
  readonly tags?: readonly Tag[]
  /** Only from `get` and `getByAlias`: search rows carry none. */
  readonly aliases?: readonly string[]
}
