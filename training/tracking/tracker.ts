/** Where a run's parameters, metrics and artifacts go: a local folder, or a real MLflow. */
export interface Tracker {
  readonly kind: 'local' | 'mlflow'
  /** The tracking server without credentials; undefined for local. A run can only be resumed where it was started. */
  readonly uri?: string
  /** @throws AppError REGISTRY_FAILED when the tracking server cannot be reached: nothing has been trained yet, so nothing is lost */
  start(run: {
    readonly job: string
    readonly parameters: Readonly<Record<string, string | number | boolean>>
    readonly tags: Readonly<Record<string, string>>
    /** An unfinished run to go on with, instead of a new one. */
    readonly resumeRunId?: string
  }): Promise<RunTracker>
}

export interface RunTracker {
  readonly runId: string
  /** Metrics of a step (epoch); names with `/` become groups, e.g. `val/ndcg_at_10`. Non-finite values are dropped and counted. Never throws: a lost tracking server is logged, the run goes on, and what is missing is sent later. */
  metrics(values: Readonly<Record<string, number>>, step: number): void
  /** The data of one split. */
  dataset(name: string, context: 'training' | 'validation' | 'test', rows: number, digest: string): void
  /** Copies a file into the run's artifacts. */
  artifact(file: string, folder?: string): void
  tag(key: string, value: string): void
  /** Flushes and closes the run. */
  finish(status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void>
}
