import { MlflowInputError } from './errors.ts'
import type { Tag } from './types.ts'
import { encodeDouble } from './wire.ts'

export interface MetricInput {
  readonly key: string
  readonly value: number
  /** ms since 1970; without it: now, fixed once for all attempts. */
  readonly timestamp?: number
  /** 0 by default. */
  readonly step?: number
  /** Links the value to a logged model, and to the data it was measured on. */
  readonly modelId?: string
  readonly datasetName?: string
  readonly datasetDigest?: string
}

export interface BatchInput {
  readonly metrics?: readonly MetricInput[]
  readonly params?: readonly Tag[]
  readonly tags?: readonly Tag[]
}

export interface BatchRequest {
  readonly metrics: readonly (Omit<MetricInput, 'value'> & { readonly value: number | string })[]
  readonly params: readonly Tag[]
  readonly tags: readonly Tag[]
}

/** What log-batch takes at most in one request. */
export const batchLimits = { metrics: 1000, params: 100, tags: 100, inAll: 1000 } as const
/** Longer texts are cut by the server without a word. */
export const textLimits = { param: 6000, tag: 8000 } as const

/**
 * Splits a batch into requests within the server's limits. Timestamps are fixed here, so that a request sent twice stores its
 * points once.
 *
 * @throws MlflowInputError for what the server would cut off or store wrongly: long texts, fractional steps, negative timestamps
 */
export function splitBatch({ metrics = [], params = [], tags = [] }: BatchInput, now = Date.now()): BatchRequest[] {
  for (const param of params) checkLength('parameter', param, textLimits.param)
  for (const tag of tags) checkLength('tag', tag, textLimits.tag)
  const points = metrics.map(({ key, value, timestamp = now, step = 0, ...links }) => {
    if (!Number.isSafeInteger(step)) throw refused(`step ${step} of metric ${key}: expected a whole number`)
    if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
      throw refused(`timestamp ${timestamp} of metric ${key}: expected whole milliseconds since 1970`)
    }
    return { key, value: encodeDouble(value), timestamp, step, ...links }
  })
  const requests: BatchRequest[] = []
  let metricsAt = 0
  let paramsAt = 0
  let tagsAt = 0
  while (metricsAt < points.length || paramsAt < params.length || tagsAt < tags.length) {
    const someParams = params.slice(paramsAt, paramsAt + batchLimits.params)
    const someTags = tags.slice(tagsAt, tagsAt + batchLimits.tags)
    const room = Math.min(batchLimits.metrics, batchLimits.inAll - someParams.length - someTags.length)
    const someMetrics = points.slice(metricsAt, metricsAt + room)
    requests.push({ metrics: someMetrics, params: someParams, tags: someTags })
    metricsAt += someMetrics.length
    paramsAt += someParams.length
    tagsAt += someTags.length
  }
  return requests
}

function checkLength(kind: string, { key, value }: Tag, limit: number): void {
  if (value.length > limit) {
    throw refused(
      `${kind} ${key} has ${value.length} characters; MLflow would cut it to ${limit} without a word. Shorten it`,
    )
  }
}

const refused = (problem: string): MlflowInputError => new MlflowInputError('log-batch', `log-batch: ${problem}.`)
