import { type BatchInput, splitBatch } from './batches.ts'
import { MlflowInputError } from './errors.ts'
import { allPages } from './pages.ts'
import type { CallOptions, Transport } from './transport.ts'
import type { Dataset, Metric, Run, RunInfo, RunStatus, Tag, ViewType } from './types.ts'
import { decodeDouble } from './wire.ts'

const path = (name: string): string => `/api/2.0/mlflow/${name}`

/** Runs: parameters, metrics over steps, tags and data sets. */
export class Runs {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Not repeated after a lost connection: put an id of your own into a tag and search for it before trying again.
   *
   * @param run startTime is now unless given
   */
  async create(run: {
    experimentId: string
    runName?: string
    startTime?: number
    tags?: readonly Tag[]
  }): Promise<Run> {
    const body = { startTime: Date.now(), ...run }
    return decodeRun((await this.#call<{ run: Run }>('POST', 'runs/create', { body, repeatable: false })).run)
  }

  /** @throws MlflowNotFoundError */
  async get(runId: string): Promise<Run> {
    const call = { query: { run_id: runId }, repeatable: true }
    return decodeRun((await this.#call<{ run: Run }>('GET', 'runs/get', call)).run)
  }

  /** Ends a run, or reopens it (its old end time stays until it ends again). */
  async update(runId: string, change: { status?: RunStatus; endTime?: number; runName?: string }): Promise<RunInfo> {
    const call = { body: { runId, ...change }, repeatable: true }
    return (await this.#call<{ runInfo: RunInfo }>('POST', 'runs/update', call)).runInfo
  }

  /**
   * Logs any number of metrics, parameters and tags, in as many requests as the server's limits need.
   *
   * NaN arrives as NaN; ±Infinity is stored as ±1.797e308. One name that MLflow does not take refuses its whole request.
   */
  async logBatch(runId: string, batch: BatchInput): Promise<void> {
    for (const request of splitBatch(batch)) {
      await this.#call('POST', 'runs/log-batch', { body: { runId, ...request }, repeatable: true })
    }
  }

  /** @throws MlflowApiError when the parameter already has another value */
  async logParam(runId: string, key: string, value: string): Promise<void> {
    await this.logBatch(runId, { params: [{ key, value }] })
  }

  async logMetric(
    runId: string,
    key: string,
    value: number,
    at: { timestamp?: number; step?: number } = {},
  ): Promise<void> {
    await this.logBatch(runId, { metrics: [{ key, value, ...at }] })
  }

  async setTag(runId: string, key: string, value: string): Promise<void> {
    await this.logBatch(runId, { tags: [{ key, value }] })
  }

  /** @throws MlflowNotFoundError when there is no such tag */
  async deleteTag(runId: string, key: string): Promise<void> {
    await this.#call('POST', 'runs/delete-tag', { body: { runId, key }, repeatable: false })
  }

  /** @param inputs `context` says what it was used for, e.g. `training` */
  async logInputs(
    runId: string,
    inputs: readonly { readonly context: string; readonly dataset: Dataset }[],
  ): Promise<void> {
    const long = inputs.find(({ dataset }) => dataset.digest.length > 36)
    if (long !== undefined) {
      const { name, digest } = long.dataset
      throw new MlflowInputError(
        'log-inputs',
        `log-inputs: digest of ${name} has ${digest.length} characters; at most 36.`,
      )
    }
    const datasets = inputs.map(({ context, dataset }) => ({
      tags: [{ key: 'mlflow.data.context', value: context }],
      dataset,
    }))
    await this.#call('POST', 'runs/log-inputs', { body: { runId, datasets }, repeatable: true })
  }

  /** Links logged models to the run that made them. */
  async logOutputs(
    runId: string,
    models: readonly { readonly modelId: string; readonly step: number }[],
  ): Promise<void> {
    await this.#call('POST', 'runs/outputs', { body: { runId, models }, repeatable: true })
  }

  /** @param options filter e.g. `` metrics.`test/ndcg_at_10` > 0.1 and tags.job = 'x' ``; there is no OR */
  search(options: {
    experimentIds: readonly string[]
    filter?: string
    orderBy?: readonly string[]
    runViewType?: ViewType
    pageSize?: number
  }): AsyncGenerator<Run> {
    const { pageSize = 1000, ...rest } = options
    return allPages(async (pageToken) => {
      const call = { body: { ...rest, maxResults: pageSize, pageToken }, repeatable: true }
      const reply = await this.#call<{ runs?: Run[]; nextPageToken?: string }>('POST', 'runs/search', call)
      return { items: reply.runs?.map(decodeRun), nextPageToken: reply.nextPageToken }
    })
  }

  /** All points of a metric; none for a metric the run does not have. */
  metricHistory(runId: string, key: string, pageSize = 10_000): AsyncGenerator<Metric> {
    return allPages(async (pageToken) => {
      const query = { run_id: runId, metric_key: key, max_results: pageSize, page_token: pageToken }
      const call = { query, repeatable: true }
      const reply = await this.#call<{ metrics?: Metric[]; nextPageToken?: string }>('GET', 'metrics/get-history', call)
      return { items: reply.metrics?.map(decodeMetric), nextPageToken: reply.nextPageToken }
    })
  }

  /** One metric of several runs, thinned to at most `maxResults` points per run. */
  async metricHistories(
    runIds: readonly string[],
    key: string,
    maxResults = 1000,
  ): Promise<(Metric & { runId: string })[]> {
    const query = { run_ids: runIds, metric_key: key, max_results: maxResults }
    const call = { query, repeatable: true }
    const reply = await this.#call<{ metrics?: (Metric & { runId: string })[] }>(
      'GET',
      'metrics/get-history-bulk-interval',
      call,
    )
    return (reply.metrics ?? []).map((metric) => ({ ...metric, value: decodeDouble(metric.value) }))
  }

  async delete(runId: string): Promise<void> {
    await this.#call('POST', 'runs/delete', { body: { runId }, repeatable: true })
  }

  async restore(runId: string): Promise<void> {
    await this.#call('POST', 'runs/restore', { body: { runId }, repeatable: true })
  }

  #call<T>(method: string, name: string, call: CallOptions): Promise<T> {
    return this.#transport.json<T>(method, path(name), call)
  }
}

const decodeMetric = (metric: Metric): Metric => ({ ...metric, value: decodeDouble(metric.value) })

function decodeRun(run: Run): Run {
  const { metrics } = run.data
  return metrics === undefined ? run : { ...run, data: { ...run.data, metrics: metrics.map(decodeMetric) } }
}
